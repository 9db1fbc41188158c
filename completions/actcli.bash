# bash completion for actcli. Written by `actcli completion bash`; static, it never starts Python.

_actcli() {
    local line=${COMP_LINE:0:${COMP_POINT:-0}} words count whole word lead='' before command kind='' choices=''
    COMPREPLY=()
    case ${COMP_WORDS[COMP_CWORD]} in [\"\']*) return ;; esac
    if [[ -n $line ]]; then
        # Bash splits COMP_WORDS at every = : and @, which functions and options contain.
        read -ra words <<<"$line"
        [[ $line == *[[:space:]] ]] && words+=('')
    else
        words=("${COMP_WORDS[@]:0:COMP_CWORD+1}")
    fi
    count=${#words[@]}
    for word in "${words[@]:0:count-1}"; do
        if [[ $word == -- ]]; then # what follows are numbers
            compopt +o default 2>/dev/null
            return
        fi
    done
    whole=${words[count - 1]}
    word=$whole
    command=${words[1]}
    before=${words[count - 2]}
    if [[ $word == --*=* ]]; then
        before=${word%%=*} lead=$before= word=${word#*=}
    fi
    if ((count == 2)); then
        kind=choice choices='plot eval grad forward train spiral list info diff check vectors code approx completion --help --version'
    else
        case $command in
        plot)
            case $before:$word in
            --family:*) kind=choice choices='rectifiers smooth sigmoids oscillating rows' ;;
            --order:* | --range:* | --xlim:* | --points:* | --ylim:* | --mark:* | --sweep:* | --neuron:* | --pairs:* | --xlabel:* | --ylabel:* | --size:* | --dpi:* | --cmap:* | --title:* | --precision:* | --decimals:*) kind=none ;;
            --fit:*) kind=choice choices='sine' ;;
            --save-weights:* | -o:* | --output:*) kind=file ;;
            --yscale:*) kind=choice choices='linear symlog' ;;
            --theme:*) kind=choice choices='light dark' ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            *:-*) kind=choice choices='--all --family --grad --derivative --order --slopes-only --range --xlim --points --ylim --mark --sweep --diff --neuron --fit --pairs --save-weights --card --plane --yscale --xlabel --ylabel --term --size --dpi --theme --transparent --cmap --title --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=spec ;;
            esac
            ;;
        eval)
            case $before:$word in
            --range:* | --column:* | --digits:* | --precision:* | --decimals:*) kind=none ;;
            -i:* | --input:* | -o:* | --output:*) kind=file ;;
            --input-format:*) kind=choice choices='txt csv tsv json ndjson npy npz idx' ;;
            --dtype:*) kind=choice choices='float64 float32 float16' ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            *:-*) kind=choice choices='--range --input --input-format --column --dtype --exact --digits --hex --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=spec ;;
            esac
            ;;
        grad)
            case $before:$word in
            --order:*) kind=choice choices='1 2' ;;
            --range:* | --column:* | --digits:* | --precision:* | --decimals:*) kind=none ;;
            -i:* | --input:* | -o:* | --output:*) kind=file ;;
            --input-format:*) kind=choice choices='txt csv tsv json ndjson npy npz idx' ;;
            --dtype:*) kind=choice choices='float64 float32 float16' ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            *:-*) kind=choice choices='--order --range --input --input-format --column --dtype --exact --digits --hex --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=spec ;;
            esac
            ;;
        forward)
            case $before:$word in
            --layers:* | --depth:* | --width:* | --scale:* | --bias:* | --seed:* | --advance:* | --column:* | --label:* | --scale-input:* | --samples:* | --classes:* | --class-names:* | --classes-names:* | --batch-size:* | --sweep:* | --size:* | --dpi:* | --cmap:* | --title:* | --precision:* | --decimals:*) kind=none ;;
            --activation:* | --activations:*) kind=specs ;;
            --init:*) kind=choice choices='nnfs normal uniform glorot glorot_normal he he_uniform lecun lecun_uniform orthogonal zeros ones identity' ;;
            --dtype:*) kind=choice choices='float32 float64' ;;
            --weights:* | --save-weights:* | -i:* | --input:* | --labels:* | --vectors:* | --compare:* | --plot:* | -o:* | --output:*) kind=file ;;
            --input-format:*) kind=choice choices='txt csv tsv json ndjson npy npz idx' ;;
            --data:*) kind=choice choices='spiral vertical sine moons circles xor gauss cs231n normal' ;;
            --rows:*) kind=choice choices='all' ;;
            --figure:*) kind=choice choices='histogram regions surface curve heatmap depth bands diagram' ;;
            --theme:*) kind=choice choices='light dark' ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            *:-*) kind=choice choices='--layers --activation --activations --depth --width --init --scale --bias --seed --advance --dtype --weights --transposed --save-weights --input --input-format --column --label --labels --standardize --scale-input --vectors --data --samples --classes --class-names --classes-names --batch-size --rows --summary --gradient --predict --confusion --all-layers --compare --sweep --plot --figure --size --dpi --theme --transparent --cmap --title --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=none ;;
            esac
            ;;
        train)
            case $before:$word in
            --layers:* | --depth:* | --width:* | --scale:* | --bias:* | --seed:* | --advance:* | --column:* | --label:* | --scale-input:* | --samples:* | --classes:* | --vocabulary:* | --length:* | --test-split:* | --validation-samples:* | --epochs:* | --batch-size:* | --l1:* | --l2:* | --dropout:* | --clip-norm:* | --patience:* | --until:* | --sweep:* | --every:* | --size:* | --dpi:* | --cmap:* | --title:* | --precision:* | --decimals:*) kind=none ;;
            --activation:* | --activations:*) kind=specs ;;
            --init:*) kind=choice choices='nnfs normal uniform glorot glorot_normal he he_uniform lecun lecun_uniform orthogonal zeros ones identity' ;;
            --dtype:*) kind=choice choices='float32 float64' ;;
            --weights:* | --save-weights:* | -i:* | --input:* | --labels:* | --vectors:* | --validation:* | --validation-labels:* | --history:* | --plot:* | -o:* | --output:*) kind=file ;;
            --input-format:*) kind=choice choices='txt csv tsv json ndjson npy npz idx' ;;
            --data:*) kind=choice choices='spiral vertical sine moons circles xor gauss cs231n normal' ;;
            --optimizer:* | --optimiser:*) kind=choice choices='sgd adagrad rmsprop adam adamw' ;;
            --loss:*) kind=choice choices='cross_entropy binary_cross_entropy mse mae' ;;
            --theme:*) kind=choice choices='light dark' ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            *:-*) kind=choice choices='--layers --activation --activations --depth --width --init --scale --bias --seed --advance --dtype --weights --transposed --save-weights --input --input-format --column --label --labels --standardize --scale-input --vectors --data --samples --classes --vocabulary --length --validation --validation-labels --test-split --validation-samples --optimizer --optimiser --loss --epochs --batch-size --shuffle --l1 --l2 --dropout --clip-norm --patience --until --sweep --mean --history --every --plot --size --dpi --theme --transparent --cmap --title --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=none ;;
            esac
            ;;
        spiral)
            case $before:$word in
            --samples:* | --classes:* | --seed:* | --advance:* | --noise:* | --turns:* | --test-split:* | --size:* | --dpi:* | --cmap:* | --title:* | --precision:* | --decimals:*) kind=none ;;
            --data:*) kind=choice choices='spiral vertical sine moons circles xor gauss cs231n' ;;
            --plot:* | -o:* | --output:*) kind=file ;;
            --theme:*) kind=choice choices='light dark' ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            *:-*) kind=choice choices='--samples --classes --seed --advance --data --noise --turns --test-split --plot --plain --size --dpi --theme --transparent --cmap --title --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=none ;;
            esac
            ;;
        list)
            case $before:$word in
            --family:*) kind=choice choices='rectifiers smooth sigmoids oscillating rows' ;;
            --property:*) kind=choice choices='bounded unbounded monotone increasing odd even zero-centred analytic smooth kinked discontinuous row elementwise parametrised' ;;
            --framework:*) kind=choice choices='torch keras keras2 jax flax tf tfa onnx ort timm hf mlx paddle mxnet chainer tinygrad scipy echo nnlib burn tfjs' ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            --precision:* | --decimals:*) kind=none ;;
            -o:* | --output:*) kind=file ;;
            *:-*) kind=choice choices='--family --property --framework --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=none ;;
            esac
            ;;
        info)
            case $before:$word in
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            --precision:* | --decimals:*) kind=none ;;
            -o:* | --output:*) kind=file ;;
            *:-*) kind=choice choices='--traps --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=spec ;;
            esac
            ;;
        diff)
            case $before:$word in
            --range:* | --precision:* | --decimals:*) kind=none ;;
            --plot:* | -o:* | --output:*) kind=file ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            *:-*) kind=choice choices='--range --plot --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=spec ;;
            esac
            ;;
        check)
            case $before:$word in
            -i:* | --input:* | -o:* | --output:*) kind=file ;;
            --input-format:*) kind=choice choices='txt csv tsv json ndjson npy npz idx' ;;
            --column:* | --max-ulp:* | --worst:* | --precision:* | --decimals:*) kind=none ;;
            --dtype:*) kind=choice choices='float64 float32 float16 bfloat16' ;;
            --order:*) kind=choice choices='0 1' ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            *:-*) kind=choice choices='--input --input-format --column --dtype --order --max-ulp --worst --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=spec ;;
            esac
            ;;
        vectors)
            case $before:$word in
            --dtype:*) kind=choice choices='float64 float32 float16 bfloat16' ;;
            --order:*) kind=choice choices='0 1' ;;
            --random:* | --seed:* | --precision:* | --decimals:*) kind=none ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            -o:* | --output:*) kind=file ;;
            *:-*) kind=choice choices='--dtype --order --random --seed --c --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=spec ;;
            esac
            ;;
        code)
            case $before:$word in
            --to:*) kind=choice choices='python numpy torch jax tensorflow c cuda rust julia javascript onnx latex sympy' ;;
            --name:*) kind=none ;;
            --dtype:*) kind=choice choices='float64 float32' ;;
            -o:* | --output:*) kind=file ;;
            *:-*) kind=choice choices='--to --name --dtype --value-only --test --output --help' ;;
            *) kind=spec ;;
            esac
            ;;
        approx)
            case $before:$word in
            --range:* | --degree:* | --pieces:* | --table:* | --input-scale:* | --input-zero-point:* | --output-scale:* | --zero-point:* | --max-error:* | --weight:* | --coefficients:* | --size:* | --dpi:* | --cmap:* | --title:* | --precision:* | --decimals:*) kind=none ;;
            --lookup:*) kind=choice choices='nearest linear' ;;
            --bits:*) kind=choice choices='8 16' ;;
            --basis:*) kind=choice choices='power chebyshev' ;;
            --order:*) kind=choice choices='0 1' ;;
            --outside:*) kind=choice choices='clamp extend asymptote' ;;
            --plot:* | -o:* | --output:*) kind=file ;;
            --theme:*) kind=choice choices='light dark' ;;
            --format:*) kind=choice choices='table tsv csv json ndjson' ;;
            *:-*) kind=choice choices='--range --degree --pieces --uniform --table --lookup --bits --input-scale --input-zero-point --output-scale --zero-point --max-error --relative --odd --even --weight --coefficients --basis --order --outside --plot --size --dpi --theme --transparent --cmap --title --format --json --csv --tsv --values --precision --decimals --output --help' ;;
            *) kind=spec ;;
            esac
            ;;
        completion)
            case $before:$word in
            *:-*) kind=choice choices='--install --uninstall --help' ;;
            *) kind=choice choices='bash zsh fish powershell' ;;
            esac
            ;;
        *) return ;;
        esac
    fi
    case $kind in
    file) return ;; # nothing found: readline completes files
    specs)
        [[ $word == *,* ]] && lead=$lead${word%,*}, word=${word##*,}
        _actcli_spec
        ;;
    spec) _actcli_spec ;;
    esac
    compopt +o default 2>/dev/null # which bash 3 does not have
    [[ -n $choices ]] || return
    COMPREPLY=($(compgen -W "$choices" -P "$lead" -- "$word"))
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=.] ]] && compopt -o nospace 2>/dev/null
    # Readline replaces only what follows the last of its word breaks, with the break itself if that is an @.
    lead=${whole%"${whole##*[$COMP_WORDBREAKS]}"}
    [[ $COMP_WORDBREAKS == *@* ]] && lead=${lead%@}
    COMPREPLY=("${COMPREPLY[@]#"$lead"}")
}

# The candidates for $word, a function with or without parameters, into $choices.
_actcli_spec() {
    local pair keys
    case $word in
    *@*)
        keys=${word%%@*}@
        lead=$lead${word%"${word##*[@,]}"}
        word=${word##*[@,]}
        choices=''
        for pair in affine@alpha affine@beta step@threshold step@at_threshold heaviside@threshold heaviside@at_threshold binary_step@threshold binary_step@at_threshold clipped_relu@max_value leaky_relu@negative_slope lrelu@negative_slope prelu@weight rrelu@lower rrelu@upper rrelu@seed generalized_relu@negative_slope generalized_relu@max_value generalized_relu@threshold threshold@threshold threshold@value thresholded_relu@theta tlu@tau hard_shrink@lambd soft_shrink@lambd shrink@lambd shrink@bias hard_tanh@min_val hard_tanh@max_val hard_sigmoid@slope hard_sigmoid@offset srelu@t_r srelu@a_r srelu@t_l srelu@a_l star_relu@s star_relu@b nlrelu@beta smelu@beta hat@a sine_relu@eps erf_relu@a elu@alpha celu@alpha selu@alpha selu@scale pelu@a pelu@b isrlu@alpha softplus@beta squareplus@b swish@beta silu@beta eswish@beta acon_c@p1 acon_c@p2 acon_c@beta aria2@alpha aria2@beta flatten_t_swish@t clipped_gelu@min_val clipped_gelu@max_val beta_mish@beta mila@beta swim@k smu@alpha smu@mu tanh_lu@alpha tanh_lu@beta tanh_lu@lambd xielu@alpha_p xielu@alpha_n xielu@beta soft_exponential@alpha scaled_tanh@a scaled_tanh@b weighted_tanh@weight dyt@alpha soft_cap@cap penalized_tanh@a gaussian_cdf@mu gaussian_cdf@sigma normal_cdf@mu normal_cdf@sigma isru@alpha richards_sigmoid@alpha richards_sigmoid@beta soft_clipping@alpha gaussian@sigma ricker@sigma mexican_hat@sigma sine@omega sin@omega snake@frequency sinlu@a sinlu@b gumbel_softmax@tau gumbel_softmax@seed swiglu@alpha maxout@k maxout@num_units; do
            [[ $pair == "$keys"* ]] && choices+=" ${pair#*@}="
        done
        ;;
    torch.*) choices='torch.relu torch.ReLU torch.relu_ torch.relu6 torch.ReLU6 torch.leaky_relu torch.LeakyReLU torch.leaky_relu_ torch.prelu torch.PReLU torch.rrelu torch.RReLU torch.rrelu_ torch.threshold torch.Threshold torch.threshold_ torch.elu torch.ELU torch.elu_ torch.celu torch.CELU torch.celu_ torch.selu torch.SELU torch.selu_ torch.gelu torch.GELU torch.silu torch.SiLU torch.mish torch.Mish torch.hardswish torch.Hardswish torch.hardsigmoid torch.Hardsigmoid torch.hardtanh torch.Hardtanh torch.hardtanh_ torch.hardshrink torch.Hardshrink torch.softshrink torch.Softshrink torch.tanhshrink torch.Tanhshrink torch.softplus torch.Softplus torch.softsign torch.Softsign torch.sigmoid torch.Sigmoid torch.expit torch.sigmoid_ torch.logsigmoid torch.LogSigmoid torch.tanh torch.Tanh torch.tanh_ torch.Identity torch.glu torch.GLU torch.softmax torch.Softmax torch.Softmax2d torch.log_softmax torch.LogSoftmax torch.softmin torch.Softmin torch.gumbel_softmax torch.heaviside torch.sign torch.sgn torch.abs torch.absolute torch.abs_ torch.sin torch.sin_ torch.erf torch.erf_ torch.exp torch.exp_ torch.acos torch.arccos torch.acos_ torch.arccos_ torch.acosh torch.arccosh torch.acosh_ torch.arccosh_ torch.arcsin torch.asin torch.arcsin_ torch.asin_ torch.arcsinh torch.asinh torch.arcsinh_ torch.asinh_ torch.arctan torch.atan torch.arctan_ torch.atan_ torch.arctanh torch.atanh torch.arctanh_ torch.atanh_ torch.cos torch.cos_ torch.cosh torch.cosh_ torch.erfc torch.erfc_ torch.exp2 torch.exp2_ torch.expm1 torch.expm1_ torch.log torch.log_ torch.log10 torch.log10_ torch.log1p torch.log1p_ torch.log2 torch.log2_ torch.logit torch.logit_ torch.neg torch.negative torch.neg_ torch.negative_ torch.reciprocal torch.reciprocal_ torch.rsqrt torch.rsqrt_ torch.sinc torch.sinc_ torch.sinh torch.sinh_ torch.sqrt torch.sqrt_ torch.square torch.square_ torch.tan torch.tan_ torch.erfcx torch.log_ndtr torch.ndtr torch.clamp torch.clip torch.clamp_ torch.clip_ torch.maximum torch.ceil torch.ceil_ torch.fix torch.trunc torch.fix_ torch.trunc_ torch.floor torch.floor_ torch.frac torch.frac_ torch.round torch.round_' ;;
    jax.*) choices='jax.identity jax.relu jax.relu6 jax.leaky_relu jax.elu jax.celu jax.selu jax.gelu jax.silu jax.swish jax.mish jax.hard_silu jax.hard_swish jax.hard_sigmoid jax.sparse_sigmoid jax.hard_tanh jax.softplus jax.squareplus jax.sparse_plus jax.soft_sign jax.sigmoid jax.logistic jax.expit jax.log_sigmoid jax.tanh jax.glu jax.softmax jax.log_softmax jax.heaviside jax.absolute jax.abs jax.fabs jax.acos jax.arccos jax.acosh jax.arccosh jax.arcsin jax.asin jax.arcsinh jax.asinh jax.arctan jax.atan jax.arctanh jax.atanh jax.cos jax.cosh jax.erfc jax.exp2 jax.expm1 jax.log jax.log10 jax.log1p jax.log2 jax.logit jax.neg jax.negative jax.reciprocal jax.rsqrt jax.sinc jax.sinh jax.sqrt jax.square jax.tan jax.erfcx jax.log_ndtr jax.ndtr jax.log1mexp jax.cbrt jax.exp jax.sign jax.sin jax.erf jax.clip jax.maximum jax.special.softmax jax.special.log_softmax jax.ceil jax.floor jax.round jax.around jax.rint jax.lax.round jax.trunc' ;;
    flax.*) choices='flax.identity flax.relu flax.relu6 flax.leaky_relu flax.elu flax.celu flax.selu flax.gelu flax.silu flax.swish flax.hard_silu flax.hard_swish flax.hard_sigmoid flax.hard_tanh flax.softplus flax.soft_sign flax.sigmoid flax.log_sigmoid flax.tanh flax.glu flax.softmax flax.log_softmax flax.PReLU' ;;
    keras.*) choices='keras.relu keras.ReLU keras.relu6 keras.leaky_relu keras.elu keras.ELU keras.celu keras.selu keras.gelu keras.ops.gelu keras.silu keras.swish keras.mish keras.hard_silu keras.hard_swish keras.hard_sigmoid keras.sparse_sigmoid keras.hard_tanh keras.hard_shrink keras.soft_shrink keras.tanh_shrink keras.threshold keras.softplus keras.squareplus keras.sparse_plus keras.softsign keras.sigmoid keras.log_sigmoid keras.tanh keras.exponential keras.exp keras.linear keras.glu keras.softmax keras.Softmax keras.log_softmax keras.sparsemax keras.LeakyReLU keras.PReLU keras.absolute keras.abs keras.fabs keras.arccos keras.arccosh keras.arcsin keras.arcsinh keras.arctan keras.arctanh keras.cos keras.cosh keras.erfc keras.exp2 keras.expm1 keras.log keras.log10 keras.log1p keras.log2 keras.negative keras.reciprocal keras.rsqrt keras.sinc keras.sinh keras.sqrt keras.square keras.tan keras.cbrt keras.sign keras.sin keras.erf keras.Identity keras.heaviside keras.clip keras.maximum keras.ceil keras.floor keras.round keras.trunc' ;;
    keras2.*) choices='keras2.relu keras2.ReLU keras2.elu keras2.ELU keras2.exponential keras2.gelu keras2.hard_sigmoid keras2.linear keras2.mish keras2.selu keras2.sigmoid keras2.softmax keras2.Softmax keras2.softplus keras2.softsign keras2.swish keras2.tanh keras2.LeakyReLU keras2.PReLU keras2.ThresholdedReLU' ;;
    tf.*) choices='tf.relu tf.relu6 tf.leaky_relu tf.crelu tf.elu tf.selu tf.gelu tf.silu tf.swish tf.sigmoid tf.log_sigmoid tf.tanh tf.softplus tf.softsign tf.softmax tf.log_softmax tf.identity tf.sign tf.abs tf.erf tf.sin tf.exp tf.acos tf.acosh tf.asin tf.asinh tf.atan tf.atanh tf.cos tf.cosh tf.erfc tf.expm1 tf.log tf.log1p tf.negative tf.reciprocal tf.rsqrt tf.sinh tf.sqrt tf.square tf.tan tf.clip_by_value tf.maximum tf.reciprocal_no_nan tf.ceil tf.floor tf.round tf.rint' ;;
    tfa.*) choices='tfa.gelu tfa.hardshrink tfa.softshrink tfa.tanhshrink tfa.lisht tfa.mish tfa.rrelu tfa.snake tfa.Snake tfa.sparsemax tfa.Sparsemax tfa.Maxout tfa.TLU tfa.GELU' ;;
    onnx.*) choices='onnx.Relu onnx.LeakyRelu onnx.PRelu onnx.Elu onnx.Celu onnx.Selu onnx.Gelu onnx.Swish onnx.SwiGLU onnx.HardSwish onnx.Mish onnx.HardSigmoid onnx.Sigmoid onnx.Tanh onnx.Softplus onnx.Softsign onnx.ThresholdedRelu onnx.Shrink onnx.Softmax onnx.LogSoftmax onnx.Hardmax onnx.Identity onnx.Clip onnx.Abs onnx.Sign onnx.Erf onnx.Exp onnx.Sin onnx.ScaledTanh onnx.Affine onnx.Acos onnx.Acosh onnx.Asin onnx.Asinh onnx.Atan onnx.Atanh onnx.Cos onnx.Cosh onnx.Log onnx.Neg onnx.Reciprocal onnx.Sinh onnx.Sqrt onnx.Tan onnx.Max onnx.Ceil onnx.Floor onnx.Round' ;;
    ort.*) choices='ort.QuickGelu ort.Gelu ort.FastGelu ort.BiasGelu ort.ScaledSiLU' ;;
    timm.*) choices='timm.silu timm.swish timm.mish timm.relu timm.relu6 timm.leaky_relu timm.elu timm.celu timm.selu timm.gelu timm.gelu_tanh timm.quick_gelu timm.sigmoid timm.tanh timm.hard_sigmoid timm.hardsigmoid timm.hard_swish timm.hardswish timm.hard_mish timm.identity timm.prelu' ;;
    hf.*) choices='hf.gelu hf.gelu_python hf.gelu_10 hf.gelu_fast hf.gelu_new hf.gelu_pytorch_tanh hf.gelu_python_tanh hf.gelu_accurate hf.hardswish hf.laplace hf.leaky_relu hf.linear hf.mish hf.quick_gelu hf.relu hf.relu2 hf.relu6 hf.sigmoid hf.silu hf.swish hf.sqrtsoftplus hf.tanh hf.prelu hf.xielu' ;;
    mlx.*) choices='mlx.sigmoid mlx.Sigmoid mlx.relu mlx.ReLU mlx.relu2 mlx.ReLU2 mlx.relu6 mlx.ReLU6 mlx.leaky_relu mlx.LeakyReLU mlx.log_softmax mlx.LogSoftmax mlx.elu mlx.ELU mlx.softmax mlx.Softmax mlx.softplus mlx.Softplus mlx.softsign mlx.Softsign mlx.softshrink mlx.Softshrink mlx.celu mlx.CELU mlx.silu mlx.SiLU mlx.log_sigmoid mlx.LogSigmoid mlx.gelu mlx.GELU mlx.gelu_approx mlx.gelu_fast_approx mlx.glu mlx.GLU mlx.step mlx.Step mlx.selu mlx.SELU mlx.prelu mlx.PReLU mlx.mish mlx.Mish mlx.hardswish mlx.Hardswish mlx.hard_tanh mlx.HardTanh mlx.hard_shrink mlx.HardShrink mlx.softmin mlx.Softmin mlx.tanh mlx.Tanh mlx.acos mlx.arccos mlx.acosh mlx.arccosh mlx.arcsin mlx.asin mlx.arcsinh mlx.asinh mlx.arctan mlx.atan mlx.arctanh mlx.atanh mlx.cos mlx.cosh mlx.expm1 mlx.log mlx.log10 mlx.log1p mlx.log2 mlx.negative mlx.reciprocal mlx.rsqrt mlx.sinh mlx.sqrt mlx.square mlx.tan mlx.abs mlx.exp mlx.sign mlx.sin mlx.erf mlx.clip mlx.maximum mlx.ceil mlx.floor mlx.round mlx.trunc' ;;
    paddle.*) choices='paddle.celu paddle.CELU paddle.elu paddle.ELU paddle.elu_ paddle.gelu paddle.GELU paddle.hardshrink paddle.Hardshrink paddle.hardsigmoid paddle.Hardsigmoid paddle.hardswish paddle.Hardswish paddle.hardtanh paddle.Hardtanh paddle.hardtanh_ paddle.leaky_relu paddle.LeakyReLU paddle.leaky_relu_ paddle.log_sigmoid paddle.LogSigmoid paddle.logsigmoid paddle.log_softmax paddle.LogSoftmax paddle.maxout paddle.Maxout paddle.mish paddle.Mish paddle.prelu paddle.PReLU paddle.relu paddle.ReLU paddle.relu_ paddle.relu6 paddle.ReLU6 paddle.rrelu paddle.RReLU paddle.selu paddle.SELU paddle.sigmoid paddle.Sigmoid paddle.silu paddle.Silu paddle.SiLU paddle.swish paddle.Swish paddle.softmax paddle.Softmax paddle.softmax_ paddle.softplus paddle.Softplus paddle.softshrink paddle.Softshrink paddle.softsign paddle.Softsign paddle.tanh paddle.Tanh paddle.tanh_ paddle.tanhshrink paddle.Tanhshrink paddle.thresholded_relu paddle.ThresholdedReLU paddle.thresholded_relu_ paddle.glu paddle.GLU paddle.swiglu paddle.stanh paddle.gumbel_softmax paddle.abs paddle.abs_ paddle.acos paddle.acos_ paddle.acosh paddle.asin paddle.asinh paddle.atan paddle.atan_ paddle.atanh paddle.cos paddle.cos_ paddle.cosh paddle.erf paddle.erf_ paddle.expm1 paddle.expm1_ paddle.log paddle.log_ paddle.log10 paddle.log10_ paddle.log1p paddle.log2 paddle.log2_ paddle.logit paddle.logit_ paddle.neg paddle.negative paddle.neg_ paddle.reciprocal paddle.rsqrt paddle.sgn paddle.sign paddle.sin paddle.sin_ paddle.sinc paddle.sinc_ paddle.sinh paddle.sinh_ paddle.sqrt paddle.square paddle.square_ paddle.tan paddle.tan_ paddle.exp paddle.clip paddle.clamp paddle.maximum paddle.ceil paddle.floor paddle.frac paddle.frac_ paddle.round paddle.trunc paddle.trunc_' ;;
    mxnet.*) choices='mxnet.Activation mxnet.relu mxnet.sigmoid mxnet.tanh mxnet.softrelu mxnet.softsign mxnet.LeakyReLU mxnet.leaky mxnet.elu mxnet.selu mxnet.SELU mxnet.gelu mxnet.GELU mxnet.prelu mxnet.rrelu mxnet.hard_sigmoid mxnet.softmax mxnet.log_softmax mxnet.softmin mxnet.nn.LeakyReLU mxnet.ELU mxnet.Swish mxnet.PReLU' ;;
    chainer.*) choices='chainer.relu chainer.relu6 chainer.clipped_relu chainer.leaky_relu chainer.elu chainer.selu chainer.crelu chainer.hard_sigmoid chainer.sigmoid chainer.tanh chainer.softplus chainer.softmax chainer.log_softmax chainer.prelu chainer.swish chainer.maxout chainer.rrelu' ;;
    tinygrad.*) choices='tinygrad.relu tinygrad.sigmoid tinygrad.relu6 tinygrad.hardswish tinygrad.hardsigmoid tinygrad.hardtanh tinygrad.leaky_relu tinygrad.tanh tinygrad.quick_gelu tinygrad.gelu tinygrad.swish tinygrad.silu tinygrad.elu tinygrad.celu tinygrad.selu tinygrad.softplus tinygrad.mish tinygrad.logsigmoid tinygrad.softsign tinygrad.softmax tinygrad.log_softmax tinygrad.clip tinygrad.clamp tinygrad.maximum tinygrad.abs tinygrad.acos tinygrad.acosh tinygrad.asin tinygrad.asinh tinygrad.atan tinygrad.atanh tinygrad.cos tinygrad.cosh tinygrad.erf tinygrad.exp tinygrad.exp2 tinygrad.log tinygrad.log10 tinygrad.log2 tinygrad.neg tinygrad.reciprocal tinygrad.rsqrt tinygrad.sign tinygrad.sin tinygrad.sinh tinygrad.softmin tinygrad.sqrt tinygrad.square tinygrad.tan tinygrad.ceil tinygrad.floor tinygrad.round tinygrad.trunc' ;;
    scipy.*) choices='scipy.expit scipy.log_expit scipy.softmax scipy.log_softmax scipy.heaviside scipy.sign scipy.tanh scipy.erf scipy.ndtr scipy.softplus scipy.absolute scipy.abs scipy.fabs scipy.acos scipy.arccos scipy.acosh scipy.arccosh scipy.arcsin scipy.asin scipy.arcsinh scipy.asinh scipy.arctan scipy.atan scipy.arctanh scipy.atanh scipy.cos scipy.cosh scipy.erfc scipy.exp2 scipy.expm1 scipy.log scipy.log10 scipy.log1p scipy.log2 scipy.logit scipy.negative scipy.reciprocal scipy.sinc scipy.sinh scipy.sqrt scipy.square scipy.tan scipy.erfcx scipy.log_ndtr scipy.cbrt scipy.exp scipy.sin scipy.cosm1 scipy.exp10 scipy.clip scipy.maximum scipy.ceil scipy.fix scipy.trunc scipy.floor scipy.round scipy.around scipy.rint' ;;
    echo.*) choices='echo.weighted_tanh echo.mish echo.silu echo.aria2 echo.beta_mish echo.eswish echo.swish echo.elish echo.hard_elish echo.mila echo.sineReLU echo.fts echo.sqnl echo.isru echo.isrlu echo.bent_id echo.soft_clipping echo.SoftExponential echo.SReLU' ;;
    nnlib.*) choices='nnlib.sigmoid nnlib.sigmoid_fast nnlib.hardsigmoid nnlib.logsigmoid nnlib.hardtanh nnlib.relu nnlib.leakyrelu nnlib.relu6 nnlib.rrelu nnlib.elu nnlib.gelu nnlib.gelu_tanh nnlib.gelu_sigmoid nnlib.gelu_erf nnlib.swish nnlib.hardswish nnlib.selu nnlib.celu nnlib.softplus nnlib.softsign nnlib.logcosh nnlib.mish nnlib.tanhshrink nnlib.softshrink nnlib.trelu nnlib.thresholdrelu nnlib.lisht nnlib.tanh nnlib.tanh_fast nnlib.softmax nnlib.logsoftmax nnlib.glu' ;;
    burn.*) choices='burn.relu burn.Relu burn.relu6 burn.hardtanh burn.tanhshrink burn.leaky_relu burn.LeakyRelu burn.gelu burn.Gelu burn.gelu_approximate burn.prelu burn.PRelu burn.softmax burn.log_softmax burn.softmin burn.quiet_softmax burn.softplus burn.Softplus burn.sigmoid burn.Sigmoid burn.hard_sigmoid burn.HardSigmoid burn.log_sigmoid burn.silu burn.hard_swish burn.HardSwish burn.mish burn.tanh burn.Tanh burn.elu burn.Elu burn.celu burn.Celu burn.selu burn.Selu burn.thresholded_relu burn.ThresholdedRelu burn.threshold burn.Threshold burn.Rrelu burn.glu burn.GLU burn.softsign burn.Softsign burn.hard_shrink burn.HardShrink burn.soft_shrink burn.SoftShrink burn.shrink burn.Shrink burn.SwiGlu' ;;
    tfjs.*) choices='tfjs.relu tfjs.relu6 tfjs.leakyRelu tfjs.elu tfjs.selu tfjs.sigmoid tfjs.logSigmoid tfjs.softplus tfjs.tanh tfjs.prelu tfjs.step tfjs.softmax tfjs.logSoftmax tfjs.leakyReLU tfjs.layers.prelu tfjs.thresholdedReLU tfjs.layers.elu tfjs.hardSigmoid tfjs.linear tfjs.softsign tfjs.swish tfjs.mish tfjs.gelu tfjs.gelu_new' ;;
    *) choices='identity linear affine abs absolute sign signum step heaviside binary_step relu relu6 clipped_relu leaky_relu lrelu prelu rrelu generalized_relu threshold thresholded_relu tlu hard_shrink soft_shrink shrink hard_tanh hard_sigmoid sparse_sigmoid hard_swish hard_silu hard_mish hard_elish srelu squared_relu relu2 star_relu nlrelu sparse_plus smelu sqlu hat sine_relu suish erf_relu softmodulus_q elu celu selu pelu isrlu softplus sqrt_softplus squareplus bent_identity log_cosh swish silu quick_gelu eswish acon_c aria2 elish flatten_t_swish gelu gelu_tanh clipped_gelu mish beta_mish mila serf logish smish tanhexp telu phish gish golu colu lisht swim smu tanh_lu xielu exp exponential soft_exponential symlog symexp cube sigmoid logistic expit tanh softsign soft_sign log_sigmoid scaled_tanh weighted_tanh dyt soft_cap penalized_tanh rectified_tanh rational_tanh tanh_shrink arctan atan erf gaussian_cdf normal_cdf elliott isru sqnl richards_sigmoid cloglog loglog soft_clipping dsilu gaussian ricker mexican_hat sine sin snake gcu sinlu sinc softmax log_softmax softmin quiet_softmax softmax1 gumbel_softmax hardmax sparsemax entmax15 glu swiglu geglu reglu bilinear gtu crelu maxout torch. jax. flax. keras. keras2. tf. tfa. onnx. ort. timm. hf. mlx. paddle. mxnet. chainer. tinygrad. scipy. echo. nnlib. burn. tfjs.' ;;
    esac
}

complete -o default -F _actcli actcli
