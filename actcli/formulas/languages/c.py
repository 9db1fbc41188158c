"""C: functions for the value and slope at a double or float, and for arrays."""

from __future__ import annotations

from functools import partial

from actcli.formulas.grammar import Node
from actcli.formulas.languages.language import Body, Language, Source, Vectors, each_kernel, kernels_of
from actcli.formulas.languages.loops import Loops, written
from actcli.formulas.languages.rows import RowSource

_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos atan erf erfc pow floor"
_RESERVED = (
    "auto break case char const continue default do double else enum extern float for goto if inline int long register "
    "restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "main abs fpclassify isfinite isinf isnan isnormal signbit NULL INFINITY NAN size_t div exit free malloc printf "
    "remove rename system y slope n i"
)
#: What math.h declares, for double, float and long double.
_MATH = (
    "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma "
    "fmax fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan "
    "nearbyint nextafter nexttoward pow remainder remquo rint round scalbln scalbn sin sinh sqrt tan tanh tgamma trunc"
)


def _function(
    language: Language, kind: str, prefix: str, name: str, parameters: tuple[str, ...], tree: Node
) -> list[str]:
    """The lines of a function of doubles."""
    body = Body(language, {parameter: parameter for parameter in parameters}, prefix)
    arguments = ", ".join(f"double {parameter}" for parameter in parameters)
    return [f"{kind} {name}({arguments}) {{", *body.returning(tree, "return {};"), "}", ""]


#: Lines that refuse options by which a compiler would change the results.
_STRICT = [
    "#ifdef __FAST_MATH__",
    '#error "compile without -ffast-math: it takes nan, the sign of zero and rounding errors for nothing"',
    "#endif",
    "",
]


def opening(language: Language, head: tuple[str, ...]) -> list[str]:
    """The first lines of a file."""
    return [*language.commented(head), "", "#include <math.h>", "#include <stddef.h>", "", *_STRICT]


def functions(language: Language, kind: str, source: Source) -> list[str]:
    """The lines of the kernels and the programs of a source, each a function."""
    prefix = language.prefix.format(name=source.name)
    function = partial(_function, language, kind, prefix)
    lines = each_kernel(language, function, kernels_of(source.programs[:2], language), prefix)
    lines += function(f"{prefix}value", ("x",), source.value)
    return lines if source.slope is None else lines + function(f"{prefix}slope", ("x",), source.slope)


def _write(source: Source) -> str:
    real = {"float64": "double", "float32": "float"}[source.dtype]
    cast = "" if real == "double" else "(float)"
    name = source.name
    lines = [*opening(C, source.head), *functions(C, "static double", source)]
    if source.slope is None:
        lines += C.commented(["The value at x."])
        lines += [f"{real} {name}({real} x) {{", f"    return {cast}{name}_value(x);", "}", ""]
        lines += C.commented(["The values at n numbers."])
        lines += [f"void {name}_array(const {real} *x, {real} *y, size_t n) {{"]
        lines += ["    for (size_t i = 0; i < n; i++)", f"        y[i] = {name}(x[i]);", "}", ""]
    else:
        lines += C.commented(["The value at x, and the slope there in *slope unless that is NULL."])
        lines += [f"{real} {name}({real} x, {real} *slope) {{", "    if (slope)"]
        lines += [f"        *slope = {cast}{name}_slope(x);", f"    return {cast}{name}_value(x);", "}", ""]
        lines += C.commented(["Values and slopes at n numbers; slope may be NULL."])
        lines += [f"void {name}_array(const {real} *x, {real} *y, {real} *slope, size_t n) {{"]
        lines += [
            "    for (size_t i = 0; i < n; i++)",
            f"        y[i] = {name}(x[i], slope ? slope + i : NULL);",
            "}",
            "",
        ]
    if source.value_test:
        lines += _test(source, real)
    return "\n".join(lines)


def _test(source: Source, real: str) -> list[str]:
    name, suffix = source.name, "" if real == "double" else "f"
    tests = {"value": source.value_test, "slope": source.slope_test}
    lines = [*C.commented([f"Compile with -D{name.upper()}_TEST: tries correctly rounded results."])]
    lines += [f"#ifdef {name.upper()}_TEST", "#include <stdio.h>", ""]
    for what, vectors in tests.items():
        if vectors:
            lines += [f"static const {real} {name}_{what}_vectors[][2] = {{", *_pairs(vectors, suffix), "};", ""]
    lines += [f"static int {name}_wrong({real} x, {real} found, {real} right, double ulps) {{"]
    lines += ["    if (isnan(right) || isinf(right) || found == right)"]
    lines += ["        return !(found == right || (isnan(found) && isnan(right)));"]
    lines += [f"    {real} ulp = nextafter{suffix}(fabs{suffix}(right), INFINITY) - fabs{suffix}(right);"]
    lines += [f"    if (fabs{suffix}(found - right) <= ulps * ulp)", "        return 0;"]
    lines += ['    printf("x %.17g: found %.17g, expected %.17g\\n", x, found, right);', "    return 1;", "}", ""]
    lines += ["int main(void) {", "    int wrong = 0;"]
    call = f"{name}(x)" if source.slope is None else f"{name}(x, &slope)"
    for what, vectors in tests.items():
        if vectors:
            count = len(vectors.x)
            lines += [f"    for (int i = 0; i < {count}; i++) {{", f"        {real} x = {name}_{what}_vectors[i][0];"]
            lines += [f"        {real} slope;"] * (source.slope is not None) + [f"        {real} value = {call};"]
            lines += ["        (void)value;"] * (what == "slope")
            lines += [
                f"        wrong += {name}_wrong(x, {what}, {name}_{what}_vectors[i][1], {vectors.ulps});",
                "    }",
            ]
    return [*lines, '    printf("%d wrong\\n", wrong);', "    return wrong > 0;", "}", "#endif", ""]


def _pairs(vectors: Vectors, suffix: str) -> list[str]:
    def literal(value: float) -> str:
        return {"inf": "INFINITY", "-inf": "-INFINITY", "nan": "NAN"}.get(repr(value)) or f"{value!r}{suffix}"

    return [f"    {{{literal(x)}, {literal(right)}}}," for x, right in zip(vectors.x, vectors.right, strict=True)]


def rows(language: Language, kind: str, source: RowSource) -> list[str]:
    """The lines of a row function and its gradient, declared as `kind` says, for instance `static`."""
    real = {"float64": "double", "float32": "float"}[source.dtype]
    prefix = language.prefix.format(name=source.name)
    forward = "void {name}(const {real} *row, {real} *out, size_t n) {{"
    backward = "void {name}_gradient(const {real} *row, const {real} *gradient, {real} *back, size_t n) {{"
    shared = "" if kind == "static" else f"{kind} "
    style = Loops(
        kernels=partial(each_kernel, language, partial(_function, language, f"{kind} double", prefix), prefix=prefix),
        forward=f"// The outputs for a row of n numbers.\n{shared}{forward}",
        backward=f"// The gradient by a row of n numbers, from that by its outputs.\n{shared}{backward}",
        half="size_t h = n / 2;",
        outputs="{name}(row, back, n);",
        each="for (size_t i = 0; i < {count}; i++) {{",
        end="}",
        larger="if (x > m)\n    m = x;",
        start="double {} = {};",
        add="{} += {};",
        put="{} = {};" if real == "double" else "{} = ({real})({});",
    )
    return written(source, language, style, real)


def _write_row(source: RowSource) -> str:
    return "\n".join([*opening(C, source.head), *rows(C, "static", source)])


C = Language(
    name="c",
    title="C",
    suffix=".c",
    write=_write,
    write_row=_write_row,
    native={name: f"{name}({{}})" for name in _SAME.split()}
    | {"abs": "fabs({})", "pow": "pow({}, {})", "fma": "fma({}, {}, {})"},
    choice="({c} ? {a} : {b})",
    let="double {} = {};",
    comment="// ",
    reserved=frozenset([*_RESERVED.split(), *(f"{name}{kind}" for name in _MATH.split() for kind in ("", "f", "l"))]),
    infinity="INFINITY",
    prefix="{name}_",
)
