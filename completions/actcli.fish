# fish completion for actcli. Written by `actcli completion fish`; static, it never starts Python.

function __actcli_in -d 'The command is one of these'
    set -l words (commandline -opc)
    contains -- -- $words; and return 1 # what follows are numbers
    set -q words[2]; and contains -- $words[2] $argv
end

function __actcli_spec -d 'Functions, or parameters after an @; with an argument, several with commas between'
    set -l lead ''
    set -l word (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    if set -q argv[1]
        set lead (string replace -r '[^,]*$' '' -- $word)
        set word (string replace -r '.*,' '' -- $word)
    end
    set -l found
    switch $word
        case '*@*'
            set -l name (string replace -r '@.*' '' -- $word)
            set lead $lead(string replace -r '[^@,]*$' '' -- $word)
            set found (string replace -fr "^$name@" '' -- affine@alpha affine@beta step@threshold step@at_threshold heaviside@threshold heaviside@at_threshold binary_step@threshold binary_step@at_threshold clipped_relu@max_value leaky_relu@negative_slope lrelu@negative_slope prelu@weight rrelu@lower rrelu@upper rrelu@seed generalized_relu@negative_slope generalized_relu@max_value generalized_relu@threshold threshold@threshold threshold@value thresholded_relu@theta tlu@tau hard_shrink@lambd soft_shrink@lambd shrink@lambd shrink@bias hard_tanh@min_val hard_tanh@max_val hard_sigmoid@slope hard_sigmoid@offset srelu@t_r srelu@a_r srelu@t_l srelu@a_l star_relu@s star_relu@b nlrelu@beta smelu@beta hat@a sine_relu@eps erf_relu@a elu@alpha celu@alpha selu@alpha selu@scale pelu@a pelu@b isrlu@alpha softplus@beta squareplus@b swish@beta silu@beta eswish@beta acon_c@p1 acon_c@p2 acon_c@beta aria2@alpha aria2@beta flatten_t_swish@t clipped_gelu@min_val clipped_gelu@max_val beta_mish@beta mila@beta swim@k smu@alpha smu@mu tanh_lu@alpha tanh_lu@beta tanh_lu@lambd xielu@alpha_p xielu@alpha_n xielu@beta soft_exponential@alpha scaled_tanh@a scaled_tanh@b weighted_tanh@weight dyt@alpha soft_cap@cap penalized_tanh@a gaussian_cdf@mu gaussian_cdf@sigma normal_cdf@mu normal_cdf@sigma isru@alpha richards_sigmoid@alpha richards_sigmoid@beta soft_clipping@alpha gaussian@sigma ricker@sigma mexican_hat@sigma sine@omega sin@omega snake@frequency sinlu@a sinlu@b gumbel_softmax@tau gumbel_softmax@seed swiglu@alpha maxout@k maxout@num_units)=
        case 'torch.*'
            set found torch.relu torch.ReLU torch.relu_ torch.relu6 torch.ReLU6 torch.leaky_relu torch.LeakyReLU torch.leaky_relu_ torch.prelu torch.PReLU torch.rrelu torch.RReLU torch.rrelu_ torch.threshold torch.Threshold torch.threshold_ torch.elu torch.ELU torch.elu_ torch.celu torch.CELU torch.celu_ torch.selu torch.SELU torch.selu_ torch.gelu torch.GELU torch.silu torch.SiLU torch.mish torch.Mish torch.hardswish torch.Hardswish torch.hardsigmoid torch.Hardsigmoid torch.hardtanh torch.Hardtanh torch.hardtanh_ torch.hardshrink torch.Hardshrink torch.softshrink torch.Softshrink torch.tanhshrink torch.Tanhshrink torch.softplus torch.Softplus torch.softsign torch.Softsign torch.sigmoid torch.Sigmoid torch.expit torch.sigmoid_ torch.logsigmoid torch.LogSigmoid torch.tanh torch.Tanh torch.tanh_ torch.Identity torch.glu torch.GLU torch.softmax torch.Softmax torch.Softmax2d torch.log_softmax torch.LogSoftmax torch.softmin torch.Softmin torch.gumbel_softmax torch.heaviside torch.sign torch.sgn torch.abs torch.absolute torch.abs_ torch.sin torch.sin_ torch.erf torch.erf_ torch.exp torch.exp_ torch.acos torch.arccos torch.acos_ torch.arccos_ torch.acosh torch.arccosh torch.acosh_ torch.arccosh_ torch.arcsin torch.asin torch.arcsin_ torch.asin_ torch.arcsinh torch.asinh torch.arcsinh_ torch.asinh_ torch.arctan torch.atan torch.arctan_ torch.atan_ torch.arctanh torch.atanh torch.arctanh_ torch.atanh_ torch.cos torch.cos_ torch.cosh torch.cosh_ torch.erfc torch.erfc_ torch.exp2 torch.exp2_ torch.expm1 torch.expm1_ torch.log torch.log_ torch.log10 torch.log10_ torch.log1p torch.log1p_ torch.log2 torch.log2_ torch.logit torch.logit_ torch.neg torch.negative torch.neg_ torch.negative_ torch.reciprocal torch.reciprocal_ torch.rsqrt torch.rsqrt_ torch.sinc torch.sinc_ torch.sinh torch.sinh_ torch.sqrt torch.sqrt_ torch.square torch.square_ torch.tan torch.tan_ torch.erfcx torch.log_ndtr torch.ndtr torch.clamp torch.clip torch.clamp_ torch.clip_ torch.maximum torch.ceil torch.ceil_ torch.fix torch.trunc torch.fix_ torch.trunc_ torch.floor torch.floor_ torch.frac torch.frac_ torch.round torch.round_
        case 'jax.*'
            set found jax.identity jax.relu jax.relu6 jax.leaky_relu jax.elu jax.celu jax.selu jax.gelu jax.silu jax.swish jax.mish jax.hard_silu jax.hard_swish jax.hard_sigmoid jax.sparse_sigmoid jax.hard_tanh jax.softplus jax.squareplus jax.sparse_plus jax.soft_sign jax.sigmoid jax.logistic jax.expit jax.log_sigmoid jax.tanh jax.glu jax.softmax jax.log_softmax jax.heaviside jax.absolute jax.abs jax.fabs jax.acos jax.arccos jax.acosh jax.arccosh jax.arcsin jax.asin jax.arcsinh jax.asinh jax.arctan jax.atan jax.arctanh jax.atanh jax.cos jax.cosh jax.erfc jax.exp2 jax.expm1 jax.log jax.log10 jax.log1p jax.log2 jax.logit jax.neg jax.negative jax.reciprocal jax.rsqrt jax.sinc jax.sinh jax.sqrt jax.square jax.tan jax.erfcx jax.log_ndtr jax.ndtr jax.log1mexp jax.cbrt jax.exp jax.sign jax.sin jax.erf jax.clip jax.maximum jax.special.softmax jax.special.log_softmax jax.ceil jax.floor jax.round jax.around jax.rint jax.lax.round jax.trunc
        case 'flax.*'
            set found flax.identity flax.relu flax.relu6 flax.leaky_relu flax.elu flax.celu flax.selu flax.gelu flax.silu flax.swish flax.hard_silu flax.hard_swish flax.hard_sigmoid flax.hard_tanh flax.softplus flax.soft_sign flax.sigmoid flax.log_sigmoid flax.tanh flax.glu flax.softmax flax.log_softmax flax.PReLU
        case 'keras.*'
            set found keras.relu keras.ReLU keras.relu6 keras.leaky_relu keras.elu keras.ELU keras.celu keras.selu keras.gelu keras.ops.gelu keras.silu keras.swish keras.mish keras.hard_silu keras.hard_swish keras.hard_sigmoid keras.sparse_sigmoid keras.hard_tanh keras.hard_shrink keras.soft_shrink keras.tanh_shrink keras.threshold keras.softplus keras.squareplus keras.sparse_plus keras.softsign keras.sigmoid keras.log_sigmoid keras.tanh keras.exponential keras.exp keras.linear keras.glu keras.softmax keras.Softmax keras.log_softmax keras.sparsemax keras.LeakyReLU keras.PReLU keras.absolute keras.abs keras.fabs keras.arccos keras.arccosh keras.arcsin keras.arcsinh keras.arctan keras.arctanh keras.cos keras.cosh keras.erfc keras.exp2 keras.expm1 keras.log keras.log10 keras.log1p keras.log2 keras.negative keras.reciprocal keras.rsqrt keras.sinc keras.sinh keras.sqrt keras.square keras.tan keras.cbrt keras.sign keras.sin keras.erf keras.Identity keras.heaviside keras.clip keras.maximum keras.ceil keras.floor keras.round keras.trunc
        case 'keras2.*'
            set found keras2.relu keras2.ReLU keras2.elu keras2.ELU keras2.exponential keras2.gelu keras2.hard_sigmoid keras2.linear keras2.mish keras2.selu keras2.sigmoid keras2.softmax keras2.Softmax keras2.softplus keras2.softsign keras2.swish keras2.tanh keras2.LeakyReLU keras2.PReLU keras2.ThresholdedReLU
        case 'tf.*'
            set found tf.relu tf.relu6 tf.leaky_relu tf.crelu tf.elu tf.selu tf.gelu tf.silu tf.swish tf.sigmoid tf.log_sigmoid tf.tanh tf.softplus tf.softsign tf.softmax tf.log_softmax tf.identity tf.sign tf.abs tf.erf tf.sin tf.exp tf.acos tf.acosh tf.asin tf.asinh tf.atan tf.atanh tf.cos tf.cosh tf.erfc tf.expm1 tf.log tf.log1p tf.negative tf.reciprocal tf.rsqrt tf.sinh tf.sqrt tf.square tf.tan tf.clip_by_value tf.maximum tf.reciprocal_no_nan tf.ceil tf.floor tf.round tf.rint
        case 'tfa.*'
            set found tfa.gelu tfa.hardshrink tfa.softshrink tfa.tanhshrink tfa.lisht tfa.mish tfa.rrelu tfa.snake tfa.Snake tfa.sparsemax tfa.Sparsemax tfa.Maxout tfa.TLU tfa.GELU
        case 'onnx.*'
            set found onnx.Relu onnx.LeakyRelu onnx.PRelu onnx.Elu onnx.Celu onnx.Selu onnx.Gelu onnx.Swish onnx.SwiGLU onnx.HardSwish onnx.Mish onnx.HardSigmoid onnx.Sigmoid onnx.Tanh onnx.Softplus onnx.Softsign onnx.ThresholdedRelu onnx.Shrink onnx.Softmax onnx.LogSoftmax onnx.Hardmax onnx.Identity onnx.Clip onnx.Abs onnx.Sign onnx.Erf onnx.Exp onnx.Sin onnx.ScaledTanh onnx.Affine onnx.Acos onnx.Acosh onnx.Asin onnx.Asinh onnx.Atan onnx.Atanh onnx.Cos onnx.Cosh onnx.Log onnx.Neg onnx.Reciprocal onnx.Sinh onnx.Sqrt onnx.Tan onnx.Max onnx.Ceil onnx.Floor onnx.Round
        case 'ort.*'
            set found ort.QuickGelu ort.Gelu ort.FastGelu ort.BiasGelu ort.ScaledSiLU
        case 'timm.*'
            set found timm.silu timm.swish timm.mish timm.relu timm.relu6 timm.leaky_relu timm.elu timm.celu timm.selu timm.gelu timm.gelu_tanh timm.quick_gelu timm.sigmoid timm.tanh timm.hard_sigmoid timm.hardsigmoid timm.hard_swish timm.hardswish timm.hard_mish timm.identity timm.prelu
        case 'hf.*'
            set found hf.gelu hf.gelu_python hf.gelu_10 hf.gelu_fast hf.gelu_new hf.gelu_pytorch_tanh hf.gelu_python_tanh hf.gelu_accurate hf.hardswish hf.laplace hf.leaky_relu hf.linear hf.mish hf.quick_gelu hf.relu hf.relu2 hf.relu6 hf.sigmoid hf.silu hf.swish hf.sqrtsoftplus hf.tanh hf.prelu hf.xielu
        case 'mlx.*'
            set found mlx.sigmoid mlx.Sigmoid mlx.relu mlx.ReLU mlx.relu2 mlx.ReLU2 mlx.relu6 mlx.ReLU6 mlx.leaky_relu mlx.LeakyReLU mlx.log_softmax mlx.LogSoftmax mlx.elu mlx.ELU mlx.softmax mlx.Softmax mlx.softplus mlx.Softplus mlx.softsign mlx.Softsign mlx.softshrink mlx.Softshrink mlx.celu mlx.CELU mlx.silu mlx.SiLU mlx.log_sigmoid mlx.LogSigmoid mlx.gelu mlx.GELU mlx.gelu_approx mlx.gelu_fast_approx mlx.glu mlx.GLU mlx.step mlx.Step mlx.selu mlx.SELU mlx.prelu mlx.PReLU mlx.mish mlx.Mish mlx.hardswish mlx.Hardswish mlx.hard_tanh mlx.HardTanh mlx.hard_shrink mlx.HardShrink mlx.softmin mlx.Softmin mlx.tanh mlx.Tanh mlx.acos mlx.arccos mlx.acosh mlx.arccosh mlx.arcsin mlx.asin mlx.arcsinh mlx.asinh mlx.arctan mlx.atan mlx.arctanh mlx.atanh mlx.cos mlx.cosh mlx.expm1 mlx.log mlx.log10 mlx.log1p mlx.log2 mlx.negative mlx.reciprocal mlx.rsqrt mlx.sinh mlx.sqrt mlx.square mlx.tan mlx.abs mlx.exp mlx.sign mlx.sin mlx.erf mlx.clip mlx.maximum mlx.ceil mlx.floor mlx.round mlx.trunc
        case 'paddle.*'
            set found paddle.celu paddle.CELU paddle.elu paddle.ELU paddle.elu_ paddle.gelu paddle.GELU paddle.hardshrink paddle.Hardshrink paddle.hardsigmoid paddle.Hardsigmoid paddle.hardswish paddle.Hardswish paddle.hardtanh paddle.Hardtanh paddle.hardtanh_ paddle.leaky_relu paddle.LeakyReLU paddle.leaky_relu_ paddle.log_sigmoid paddle.LogSigmoid paddle.logsigmoid paddle.log_softmax paddle.LogSoftmax paddle.maxout paddle.Maxout paddle.mish paddle.Mish paddle.prelu paddle.PReLU paddle.relu paddle.ReLU paddle.relu_ paddle.relu6 paddle.ReLU6 paddle.rrelu paddle.RReLU paddle.selu paddle.SELU paddle.sigmoid paddle.Sigmoid paddle.silu paddle.Silu paddle.SiLU paddle.swish paddle.Swish paddle.softmax paddle.Softmax paddle.softmax_ paddle.softplus paddle.Softplus paddle.softshrink paddle.Softshrink paddle.softsign paddle.Softsign paddle.tanh paddle.Tanh paddle.tanh_ paddle.tanhshrink paddle.Tanhshrink paddle.thresholded_relu paddle.ThresholdedReLU paddle.thresholded_relu_ paddle.glu paddle.GLU paddle.swiglu paddle.stanh paddle.gumbel_softmax paddle.abs paddle.abs_ paddle.acos paddle.acos_ paddle.acosh paddle.asin paddle.asinh paddle.atan paddle.atan_ paddle.atanh paddle.cos paddle.cos_ paddle.cosh paddle.erf paddle.erf_ paddle.expm1 paddle.expm1_ paddle.log paddle.log_ paddle.log10 paddle.log10_ paddle.log1p paddle.log2 paddle.log2_ paddle.logit paddle.logit_ paddle.neg paddle.negative paddle.neg_ paddle.reciprocal paddle.rsqrt paddle.sgn paddle.sign paddle.sin paddle.sin_ paddle.sinc paddle.sinc_ paddle.sinh paddle.sinh_ paddle.sqrt paddle.square paddle.square_ paddle.tan paddle.tan_ paddle.exp paddle.clip paddle.clamp paddle.maximum paddle.ceil paddle.floor paddle.frac paddle.frac_ paddle.round paddle.trunc paddle.trunc_
        case 'mxnet.*'
            set found mxnet.Activation mxnet.relu mxnet.sigmoid mxnet.tanh mxnet.softrelu mxnet.softsign mxnet.LeakyReLU mxnet.leaky mxnet.elu mxnet.selu mxnet.SELU mxnet.gelu mxnet.GELU mxnet.prelu mxnet.rrelu mxnet.hard_sigmoid mxnet.softmax mxnet.log_softmax mxnet.softmin mxnet.nn.LeakyReLU mxnet.ELU mxnet.Swish mxnet.PReLU
        case 'chainer.*'
            set found chainer.relu chainer.relu6 chainer.clipped_relu chainer.leaky_relu chainer.elu chainer.selu chainer.crelu chainer.hard_sigmoid chainer.sigmoid chainer.tanh chainer.softplus chainer.softmax chainer.log_softmax chainer.prelu chainer.swish chainer.maxout chainer.rrelu
        case 'tinygrad.*'
            set found tinygrad.relu tinygrad.sigmoid tinygrad.relu6 tinygrad.hardswish tinygrad.hardsigmoid tinygrad.hardtanh tinygrad.leaky_relu tinygrad.tanh tinygrad.quick_gelu tinygrad.gelu tinygrad.swish tinygrad.silu tinygrad.elu tinygrad.celu tinygrad.selu tinygrad.softplus tinygrad.mish tinygrad.logsigmoid tinygrad.softsign tinygrad.softmax tinygrad.log_softmax tinygrad.clip tinygrad.clamp tinygrad.maximum tinygrad.abs tinygrad.acos tinygrad.acosh tinygrad.asin tinygrad.asinh tinygrad.atan tinygrad.atanh tinygrad.cos tinygrad.cosh tinygrad.erf tinygrad.exp tinygrad.exp2 tinygrad.log tinygrad.log10 tinygrad.log2 tinygrad.neg tinygrad.reciprocal tinygrad.rsqrt tinygrad.sign tinygrad.sin tinygrad.sinh tinygrad.softmin tinygrad.sqrt tinygrad.square tinygrad.tan tinygrad.ceil tinygrad.floor tinygrad.round tinygrad.trunc
        case 'scipy.*'
            set found scipy.expit scipy.log_expit scipy.softmax scipy.log_softmax scipy.heaviside scipy.sign scipy.tanh scipy.erf scipy.ndtr scipy.softplus scipy.absolute scipy.abs scipy.fabs scipy.acos scipy.arccos scipy.acosh scipy.arccosh scipy.arcsin scipy.asin scipy.arcsinh scipy.asinh scipy.arctan scipy.atan scipy.arctanh scipy.atanh scipy.cos scipy.cosh scipy.erfc scipy.exp2 scipy.expm1 scipy.log scipy.log10 scipy.log1p scipy.log2 scipy.logit scipy.negative scipy.reciprocal scipy.sinc scipy.sinh scipy.sqrt scipy.square scipy.tan scipy.erfcx scipy.log_ndtr scipy.cbrt scipy.exp scipy.sin scipy.cosm1 scipy.exp10 scipy.clip scipy.maximum scipy.ceil scipy.fix scipy.trunc scipy.floor scipy.round scipy.around scipy.rint
        case 'echo.*'
            set found echo.weighted_tanh echo.mish echo.silu echo.aria2 echo.beta_mish echo.eswish echo.swish echo.elish echo.hard_elish echo.mila echo.sineReLU echo.fts echo.sqnl echo.isru echo.isrlu echo.bent_id echo.soft_clipping echo.SoftExponential echo.SReLU
        case 'nnlib.*'
            set found nnlib.sigmoid nnlib.sigmoid_fast nnlib.hardsigmoid nnlib.logsigmoid nnlib.hardtanh nnlib.relu nnlib.leakyrelu nnlib.relu6 nnlib.rrelu nnlib.elu nnlib.gelu nnlib.gelu_tanh nnlib.gelu_sigmoid nnlib.gelu_erf nnlib.swish nnlib.hardswish nnlib.selu nnlib.celu nnlib.softplus nnlib.softsign nnlib.logcosh nnlib.mish nnlib.tanhshrink nnlib.softshrink nnlib.trelu nnlib.thresholdrelu nnlib.lisht nnlib.tanh nnlib.tanh_fast nnlib.softmax nnlib.logsoftmax nnlib.glu
        case 'burn.*'
            set found burn.relu burn.Relu burn.relu6 burn.hardtanh burn.tanhshrink burn.leaky_relu burn.LeakyRelu burn.gelu burn.Gelu burn.gelu_approximate burn.prelu burn.PRelu burn.softmax burn.log_softmax burn.softmin burn.quiet_softmax burn.softplus burn.Softplus burn.sigmoid burn.Sigmoid burn.hard_sigmoid burn.HardSigmoid burn.log_sigmoid burn.silu burn.hard_swish burn.HardSwish burn.mish burn.tanh burn.Tanh burn.elu burn.Elu burn.celu burn.Celu burn.selu burn.Selu burn.thresholded_relu burn.ThresholdedRelu burn.threshold burn.Threshold burn.Rrelu burn.glu burn.GLU burn.softsign burn.Softsign burn.hard_shrink burn.HardShrink burn.soft_shrink burn.SoftShrink burn.shrink burn.Shrink burn.SwiGlu
        case 'tfjs.*'
            set found tfjs.relu tfjs.relu6 tfjs.leakyRelu tfjs.elu tfjs.selu tfjs.sigmoid tfjs.logSigmoid tfjs.softplus tfjs.tanh tfjs.prelu tfjs.step tfjs.softmax tfjs.logSoftmax tfjs.leakyReLU tfjs.layers.prelu tfjs.thresholdedReLU tfjs.layers.elu tfjs.hardSigmoid tfjs.linear tfjs.softsign tfjs.swish tfjs.mish tfjs.gelu tfjs.gelu_new
        case '*'
            set found \
                identity\t'The input, unchanged.' \
                linear\t'The input, unchanged.' \
                affine\t'A straight line of any slope and height.' \
                abs\t'The absolute value: a fold at 0.' \
                absolute\t'The absolute value: a fold at 0.' \
                sign\t'-1, 0 or 1: the sign of the input.' \
                signum\t'-1, 0 or 1: the sign of the input.' \
                step\t'Silent (0) below a threshold and at it, fires (1) above it.' \
                heaviside\t'Silent (0) below a threshold and at it, fires (1) above it.' \
                binary_step\t'Silent (0) below a threshold and at it, fires (1) above it.' \
                relu\t'Rectified linear unit: passes what is positive, blocks the rest.' \
                relu6\t'A rectifier that saturates at 6.' \
                clipped_relu\t'A rectifier that saturates at max_value.' \
                leaky_relu\t'A rectifier that lets a little of the negative side through.' \
                lrelu\t'A rectifier that lets a little of the negative side through.' \
                prelu\t'A leaky rectifier whose negative slope is learned; weight is its usual start.' \
                rrelu\t'A leaky rectifier of random slope: its mean, as in evaluation; with a seed >= 0 one drawn for each input.' \
                generalized_relu\t'Keras\'s rectifier with all its options: a leak, a ceiling and a threshold.' \
                threshold\t'Passes what exceeds a threshold, puts a fixed value in place of the rest.' \
                thresholded_relu\t'Passes what exceeds theta, blocks the rest; jumps at theta.' \
                tlu\t'Thresholded linear unit: a rectifier with its corner at tau.' \
                hard_shrink\t'Drops what is small, keeps the rest as it is.' \
                soft_shrink\t'Drops what is small, draws the rest towards 0 by as much.' \
                shrink\t'Hard (bias 0) and soft (bias = lambd) shrinking and everything between.' \
                hard_tanh\t'The identity, cut off on both sides.' \
                hard_sigmoid\t'A straight line from 0 to 1 in place of the logistic curve.' \
                sparse_sigmoid\t'The hard sigmoid of slope 1/2: the slope of sparse_plus.' \
                hard_swish\t'The swish with straight pieces for its sigmoid.' \
                hard_silu\t'The swish with straight pieces for its sigmoid.' \
                hard_mish\t'A mish of parabolic and straight pieces.' \
                hard_elish\t'An elish with a straight piece for its sigmoid.' \
                srelu\t'S-shaped rectifier: the identity between two thresholds, other slopes outside them.' \
                squared_relu\t'The rectifier, squared.' \
                relu2\t'The rectifier, squared.' \
                star_relu\t'The squared rectifier, scaled and shifted to mean 0 and variance 1 under a normal input.' \
                nlrelu\t'The logarithm of the rectifier.' \
                sparse_plus\t'A rectifier whose corner is a parabola over -1..1.' \
                smelu\t'Smooth rectifier: its corner is a parabola over -beta..beta.' \
                sqlu\t'Square-law linear unit: an elu with a parabola for its exponential.' \
                hat\t'A triangle over 0..a.' \
                sine_relu\t'A rectifier with a small wave on its negative side; jumps at 0.' \
                suish\t'The identity above 0, x exp(x) below.' \
                erf_relu\t'The identity above 0, the error function below.' \
                softmodulus_q\t'The absolute value with a smooth bottom.' \
                elu\t'Exponential linear unit: the identity above 0, saturating at -alpha below.' \
                celu\t'An elu that is smooth at 0 for every alpha.' \
                selu\t'Scaled elu: keeps mean 0 and variance 1 through a deep network of lecun-initialised layers.' \
                pelu\t'An elu whose height and width are learned.' \
                isrlu\t'An elu with an inverse square root for its exponential.' \
                softplus\t'The smooth rectifier: log(1 + exp(x)).' \
                sqrt_softplus\t'The square root of the softplus.' \
                squareplus\t'A smooth rectifier from a hyperbola, without an exponential.' \
                bent_identity\t'A hyperbola between slopes 1/2 and 3/2.' \
                log_cosh\t'A smooth absolute value: parabola near 0, straight far out.' \
                swish\t'The input, gated by its own sigmoid.' \
                silu\t'The input, gated by its own sigmoid.' \
                quick_gelu\t'The gelu by a sigmoid: swish with beta 1.702.' \
                eswish\t'A steeper swish.' \
                acon_c\t'Switches smoothly between linear and swish.' \
                aria2\t'The input, gated by a Richards curve.' \
                elish\t'Swish above 0, elu times a sigmoid below.' \
                flatten_t_swish\t'Swish above 0, flat below.' \
                gelu\t'Gaussian error linear unit: the input times the normal distribution function.' \
                gelu_tanh\t'The gelu by a tanh: x (1 + tanh u)/2 = x sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3).' \
                clipped_gelu\t'The gelu, clipped for quantisation.' \
                mish\t'The input times tanh(softplus(x)).' \
                beta_mish\t'A mish with a sharper gate.' \
                mila\t'A mish with a shifted gate.' \
                serf\t'The input times erf(softplus(x)).' \
                logish\t'The input times log(1 + sigmoid(x)).' \
                smish\t'The input times tanh(log(1 + sigmoid(x))).' \
                tanhexp\t'The input times tanh(exp(x)).' \
                telu\t'The input times tanh(exp(x)).' \
                phish\t'The input times tanh(gelu(x)).' \
                gish\t'The input times log(2 - exp(-exp(x))).' \
                golu\t'The input, gated by the Gompertz curve.' \
                colu\t'Collapsing linear unit.' \
                lisht\t'The input times its tanh: even, without a negative part.' \
                swim\t'A swish without an exponential.' \
                smu\t'Smooth maximum unit: a leaky rectifier smoothed by erf.' \
                tanh_lu\t'A tanh on a straight line.' \
                xielu\t'The integral of an elu: a parabola above 0.' \
                exp\t'The exponential function.' \
                exponential\t'The exponential function.' \
                soft_exponential\t'From logarithm (alpha -1) over the identity (0) to the exponential (1).' \
                symlog\t'A logarithm for both signs.' \
                symexp\t'The inverse of the symlog.' \
                cube\t'The cube.' \
                sigmoid\t'The logistic curve, from 0 to 1.' \
                logistic\t'The logistic curve, from 0 to 1.' \
                expit\t'The logistic curve, from 0 to 1.' \
                tanh\t'The hyperbolic tangent, from -1 to 1.' \
                softsign\t'An S curve from -1 to 1 that approaches its limits slowly, like 1/x.' \
                soft_sign\t'An S curve from -1 to 1 that approaches its limits slowly, like 1/x.' \
                log_sigmoid\t'The logarithm of the sigmoid: -softplus(-x).' \
                scaled_tanh\t'LeCun\'s tanh: close to the identity at -1 and 1.' \
                weighted_tanh\t'The tanh of a scaled input.' \
                dyt\t'Dynamic tanh, which stands in for a normalisation layer; its affine part is left out.' \
                soft_cap\t'Caps logits smoothly at -cap and cap.' \
                penalized_tanh\t'The tanh, flattened on its negative side.' \
                rectified_tanh\t'The positive half of the tanh.' \
                rational_tanh\t'LeCun\'s tanh by a rational function.' \
                tanh_shrink\t'What the tanh takes away: cubic near 0, a straight line far out.' \
                arctan\t'The arc tangent, from -pi/2 to pi/2.' \
                atan\t'The arc tangent, from -pi/2 to pi/2.' \
                erf\t'The error function, from -1 to 1.' \
                gaussian_cdf\t'The normal distribution function; with these constants what MEGA calls Laplace.' \
                normal_cdf\t'The normal distribution function; with these constants what MEGA calls Laplace.' \
                elliott\t'The softsign, moved to 0..1.' \
                isru\t'Inverse square root unit: an S curve without an exponential.' \
                sqnl\t'Square nonlinearity: a tanh of two parabolas.' \
                richards_sigmoid\t'The generalised logistic curve, steeper on one side.' \
                cloglog\t'Complementary log-log: an asymmetric curve from 0 to 1.' \
                loglog\t'Log-log, the Gumbel distribution function: an asymmetric curve from 0 to 1.' \
                soft_clipping\t'A smooth clip to 0..1.' \
                dsilu\t'The slope of the silu, used as an activation of its own.' \
                gaussian\t'A bell: 1 at 0, nothing far out.' \
                ricker\t'The Mexican hat, unnormalised: a bell between two troughs.' \
                mexican_hat\t'The Mexican hat, unnormalised: a bell between two troughs.' \
                sine\t'A sine wave; SIREN networks use omega 30.' \
                sin\t'A sine wave; SIREN networks use omega 30.' \
                snake\t'A wave on the identity, for periodic data.' \
                gcu\t'Growing cosine unit.' \
                sinlu\t'A swish with a wave on it.' \
                sinc\t'The normalised sinc, sin(pi x)/(pi x).' \
                softmax\t'Turns a row into probabilities in proportion to exp.' \
                log_softmax\t'The logarithm of the softmax, without leaving the logarithms.' \
                softmin\t'The softmax of the negated row: the smallest gets the most.' \
                quiet_softmax\t'A softmax that may attend to nothing: one more entry, fixed at 0, takes what is left.' \
                softmax1\t'A softmax that may attend to nothing: one more entry, fixed at 0, takes what is left.' \
                gumbel_softmax\t'A softmax of the row plus Gumbel noise g; the noise is drawn once from the seed, the same for every row.' \
                hardmax\t'1 for the first largest entry, 0 for the rest.' \
                sparsemax\t'The nearest point of the probability simplex: the threshold is such that the entries sum to 1.' \
                entmax15\t'Between softmax and sparsemax: the threshold is such that the squares sum to 1.' \
                glu\t'Gated linear unit: the first half of the row, gated by the sigmoid of the second.' \
                swiglu\t'The second half of the row, gated by the swish of the first.' \
                geglu\t'The second half of the row, gated by the gelu of the first.' \
                reglu\t'The second half of the row, gated by the rectifier of the first.' \
                bilinear\t'The two halves of the row, multiplied.' \
                gtu\t'Gated tanh unit: the tanh of the first half, gated by the sigmoid of the second.' \
                crelu\t'The rectifier of the row, then that of the negated row: twice as wide.' \
                maxout\t'The largest of each k neighbouring values; with num_units, of as many groups that take every num_units-th one.'
            set -a found torch. jax. flax. keras. keras2. tf. tfa. onnx. ort. timm. hf. mlx. paddle. mxnet. chainer. tinygrad. scipy. echo. nnlib. burn. tfjs.
    end
    printf '%s\n' $lead$found
end

complete -c actcli -f
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -s h -l help -d 'Show this message and exit.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -l version -d 'Versions of actcli, Python, numpy, typer.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a plot -d 'Draw activation functions into a picture.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a eval -d 'Values of one or several functions.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a grad -d 'Slopes of one or several functions, analytic.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a forward -d 'A batch of data through dense layers, layer by layer.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a train -d 'Train a network, or several side by side: one row each.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a spiral -d 'The spiral of the NNFS book, number for number, and kin.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a list -d 'List the functions, or the names a framework has for them.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a info -d 'All about one function, and every framework\'s name for it.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a diff -d 'Are two functions the same? Where they differ, and how much.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a check -d 'Judge an implementation against the exact results, in ulp.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a vectors -d 'Test vectors: inputs that matter, correctly rounded results.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a code -d 'A function and its slope in another language, stable everywhere.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a approx -d 'Something simpler in a function\'s place, with a proved error.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a completion -d 'Print a completion script for a shell, or install it.'
complete -c actcli -n '__actcli_in plot' -l all -d 'Every function into its own PNG, and a gallery.'
complete -c actcli -n '__actcli_in plot' -l family -x -a 'rectifiers smooth sigmoids oscillating rows' -d 'The functions of a family; with --all only these.'
complete -c actcli -n '__actcli_in plot' -l grad -l derivative -d 'Draw the slope too.'
complete -c actcli -n '__actcli_in plot' -l order -x -d 'Draw up to the Nth derivative: 1 or 2.'
complete -c actcli -n '__actcli_in plot' -l slopes-only -d 'Draw the slopes without the values.'
complete -c actcli -n '__actcli_in plot' -l range -l xlim -x -d 'Of x. Default: -5:5, or what shows every kink.'
complete -c actcli -n '__actcli_in plot' -l points -x -d 'Samples of x. Default: 801.'
complete -c actcli -n '__actcli_in plot' -l ylim -x -d 'Of y. Default: what is drawn.'
complete -c actcli -n '__actcli_in plot' -l mark -x -d 'Mark points with their values.'
complete -c actcli -n '__actcli_in plot' -l sweep -x -d 'One SPEC at several values of a parameter.'
complete -c actcli -n '__actcli_in plot' -l diff -d 'Two SPECs and what differs. Two framework SPECs: the default.'
complete -c actcli -n '__actcli_in plot' -l neuron -x -d 'A neuron, or some in a row; again for one more panel.'
complete -c actcli -n '__actcli_in plot' -l fit -x -a 'sine' -d 'Follow a sine with pairs of ReLU neurons.'
complete -c actcli -n '__actcli_in plot' -l pairs -x -d 'Pairs for --fit. Default: 8.'
complete -c actcli -n '__actcli_in plot' -l save-weights -r -F -d 'The weights of --fit as .npz for forward.'
complete -c actcli -n '__actcli_in plot' -l card -d 'All about one function on a page.'
complete -c actcli -n '__actcli_in plot' -l plane -d 'A function of a row over two of its entries.'
complete -c actcli -n '__actcli_in plot' -l yscale -x -a 'linear symlog' -d 'Of y.'
complete -c actcli -n '__actcli_in plot' -l xlabel -x -d 'The name of the axis. Else x.'
complete -c actcli -n '__actcli_in plot' -l ylabel -x -d 'Else f(x).'
complete -c actcli -n '__actcli_in plot' -l term -d 'Sketch in the terminal instead of drawing a file.'
complete -c actcli -n '__actcli_in plot forward train spiral approx' -l size -x -d 'slide, page, thumb or WxH in pixels. Else 960x600.'
complete -c actcli -n '__actcli_in plot forward train spiral approx' -l dpi -x -d 'Dots per inch. Default: 150.'
complete -c actcli -n '__actcli_in plot forward train spiral approx' -l theme -x -a 'light dark' -d 'Ground and colours. Default: light; on a page the reader\'s.'
complete -c actcli -n '__actcli_in plot forward train spiral approx' -l transparent -d 'No ground at all.'
complete -c actcli -n '__actcli_in plot forward train spiral approx' -l cmap -x -d 'Take the colours from a matplotlib colour map.'
complete -c actcli -n '__actcli_in plot forward train spiral approx' -l title -x -d 'Instead of the figure\'s own title.'
complete -c actcli -n '__actcli_in plot eval grad forward train spiral list info diff check vectors approx' -l format -x -a 'table tsv csv json ndjson' -d 'How to print. Default: a table on a terminal, TSV anywhere else.'
complete -c actcli -n '__actcli_in plot eval grad forward train spiral list info diff check vectors approx' -l json -d 'Short for --format json.'
complete -c actcli -n '__actcli_in plot eval grad forward train spiral list info diff check vectors approx' -l csv -d 'Short for --format csv.'
complete -c actcli -n '__actcli_in plot eval grad forward train spiral list info diff check vectors approx' -l tsv -d 'Short for --format tsv.'
complete -c actcli -n '__actcli_in plot eval grad forward train spiral list info diff check vectors approx' -s q -l values -d 'Only the results, one per line, no header.'
complete -c actcli -n '__actcli_in plot eval grad forward train spiral list info diff check vectors approx' -l precision -x -d 'Round to N significant digits.'
complete -c actcli -n '__actcli_in plot eval grad forward train spiral list info diff check vectors approx' -l decimals -x -d 'Print N digits after the point.'
complete -c actcli -n '__actcli_in plot' -s o -l output -r -F -d 'Draw into FILE (.png .svg .pdf .html .gif), into DIR, or - for stdout.'
complete -c actcli -n '__actcli_in plot eval grad forward train spiral list info diff check vectors code approx completion' -l help -d 'Show this message and exit.'
complete -c actcli -n '__actcli_in eval grad' -l range -x -d 'N evenly spaced points, both ends included; what is no whole number is a step: -5:5:0.1.'
complete -c actcli -n '__actcli_in eval grad' -s i -l input -r -F -d 'Read .txt .csv .tsv .json .ndjson .npy or FILE.npz:KEY; - is stdin.'
complete -c actcli -n '__actcli_in eval grad forward train check' -l input-format -x -a 'txt csv tsv json ndjson npy npz idx' -d 'Format of FILE or of standard input, whatever its name.'
complete -c actcli -n '__actcli_in eval grad forward train' -l column -x -d 'Column of a table to read, by name or from 1; can be repeated.'
complete -c actcli -n '__actcli_in eval grad' -l dtype -x -a 'float64 float32 float16' -d 'Compute in this type.'
complete -c actcli -n '__actcli_in eval grad' -l exact -d 'Round every result correctly, from arbitrary precision.'
complete -c actcli -n '__actcli_in eval grad' -l digits -x -d 'Print N digits, all of them right; x and constants are float64 numbers.'
complete -c actcli -n '__actcli_in eval grad' -l hex -d 'Print the bits, as 0x1.8000000000000p+1.'
complete -c actcli -n '__actcli_in eval grad forward train spiral list info diff check vectors approx' -s o -l output -r -F -d 'Write to FILE; its suffix says how: .txt .tsv .csv .json .ndjson .npy.'
complete -c actcli -n '__actcli_in grad' -l order -x -a '1 2' -d '1 the slope, 2 the second derivative.'
complete -c actcli -n '__actcli_in forward train' -l layers -x -d 'Inputs (2 or 28x28), then layers: 64 units; conv3x3:32 convolution, or conv3x3:32:valid without padding; pool2 largest of each block; flatten one row of numbers; dropout0.1 a share dropped in training; embedding10000:16 a vector for each integer; lstm64 its last state, or lstm64:sequence for all; mean over a sequence.'
complete -c actcli -n '__actcli_in forward train' -l activation -l activations -x -a '(__actcli_spec several)' -d 'One per layer, or one for all (train: the hidden ones). Default: relu between, softmax at the end; of a single output linear, or sigmoid where the data have two classes.'
complete -c actcli -n '__actcli_in forward train' -l depth -x -d 'N layers of --width units.'
complete -c actcli -n '__actcli_in forward train' -l width -x -d 'Units of --depth\'s layers.'
complete -c actcli -n '__actcli_in forward train' -l init -x -a 'nnfs normal uniform glorot glorot_normal he he_uniform lecun lecun_uniform orthogonal zeros ones identity' -d 'nnfs (default), normal, uniform, glorot, glorot_normal, he, he_uniform, lecun, lecun_uniform, orthogonal, zeros, ones, identity; he@mode=fan_out,gain=2.'
complete -c actcli -n '__actcli_in forward train' -l scale -x -d 'Factor of the weights; for nnfs their deviation, 0.01.'
complete -c actcli -n '__actcli_in forward train' -l bias -x -d 'Biases. Default: 0.'
complete -c actcli -n '__actcli_in forward train' -l seed -x -d 'Of data and weights.'
complete -c actcli -n '__actcli_in forward train spiral' -l advance -x -d 'Draw N of N(0, 1) first, as earlier cells of a notebook did.'
complete -c actcli -n '__actcli_in forward train' -l dtype -x -a 'float32 float64' -d 'Compute in this type.'
complete -c actcli -n '__actcli_in forward train' -l weights -r -F -d 'Weights from .npz (W1, b1, ...), .json, .safetensors, or as JSON itself.'
complete -c actcli -n '__actcli_in forward train' -l transposed -d 'The weights have one row per neuron.'
complete -c actcli -n '__actcli_in forward train' -l save-weights -r -F -d 'Write the weights to .npz, .json or .safetensors.'
complete -c actcli -n '__actcli_in forward train' -s i -l input -r -F -d 'Features, and a label in one column more; .csv .npy .npz .png, IDX (MNIST) ..., - is stdin.'
complete -c actcli -n '__actcli_in forward train' -l label -x -d 'The column of the labels, text or numbers. Default: the last.'
complete -c actcli -n '__actcli_in forward train' -l labels -r -F -d 'A file of the labels alone: IDX (MNIST), .npy ...'
complete -c actcli -n '__actcli_in forward train' -l standardize -d 'Scale every feature to mean 0 and deviation 1.'
complete -c actcli -n '__actcli_in forward train' -l scale-input -x -d 'Divide the features by X, 255 for pixels.'
complete -c actcli -n '__actcli_in forward train' -l vectors -r -F -d 'Texts come in; the mean of their words\' vectors: GloVe text, .json .npz.'
complete -c actcli -n '__actcli_in forward train' -l data -x -a 'spiral vertical sine moons circles xor gauss cs231n normal' -d 'spiral (default), vertical, sine, moons, circles, xor, gauss, cs231n, or normal.'
complete -c actcli -n '__actcli_in forward train' -l samples -x -d 'Samples per class.'
complete -c actcli -n '__actcli_in forward train' -l classes -x -d 'Classes; as many as outputs if not given.'
complete -c actcli -n '__actcli_in forward' -l class-names -l classes-names -x -d 'Names of the classes, in the order of outputs.'
complete -c actcli -n '__actcli_in forward' -l batch-size -x -d 'Rows at a time, at least; changes speed, not results.'
complete -c actcli -n '__actcli_in forward' -l rows -x -a 'all' -d 'Output rows to print. Default: 5, with --predict all.'
complete -c actcli -n '__actcli_in forward' -l summary -d 'The layers alone.'
complete -c actcli -n '__actcli_in forward' -l gradient -d 'Send a gradient back: its deviation per layer, and a verdict.'
complete -c actcli -n '__actcli_in forward' -l predict -d 'Class and confidence per row, not the outputs.'
complete -c actcli -n '__actcli_in forward' -l confusion -d 'Labels against predictions, alone.'
complete -c actcli -n '__actcli_in forward' -l all-layers -d 'Every array of every layer.'
complete -c actcli -n '__actcli_in forward' -l compare -r -F -d 'Where another\'s arrays (.npz, .json) first differ.'
complete -c actcli -n '__actcli_in forward' -l sweep -x -d 'One row per combination: activation, init, scale, seed, depth, width.'
complete -c actcli -n '__actcli_in forward' -l plot -r -F -d 'A figure: .png .svg .pdf, - is stdout.'
complete -c actcli -n '__actcli_in forward' -l figure -x -a 'histogram regions surface curve heatmap depth bands diagram' -d 'Of --plot: regions or surface for 2 inputs, curve for 1, else histogram.'
complete -c actcli -n '__actcli_in train' -l vocabulary -x -d 'The input is text: number its N - 2 most frequent words.'
complete -c actcli -n '__actcli_in train' -l length -x -d 'Words of a text, padded or cut. Default: the inputs.'
complete -c actcli -n '__actcli_in train' -l validation -r -F -d 'Rows like those of --input.'
complete -c actcli -n '__actcli_in train' -l validation-labels -r -F -d 'Their labels, where --labels has those.'
complete -c actcli -n '__actcli_in train' -l test-split -x -d 'This share of the rows, of every class alike.'
complete -c actcli -n '__actcli_in train' -l validation-samples -x -d 'N samples per class, drawn after data and weights.'
complete -c actcli -n '__actcli_in train' -l optimizer -l optimiser -x -a 'sgd adagrad rmsprop adam adamw' -d 'Parameters behind an @: sgd@rate=1,decay=1e-3,momentum=0.9. The rate of step t is rate/(1+decay*t).'
complete -c actcli -n '__actcli_in train' -l loss -x -a 'cross_entropy binary_cross_entropy mse mae' -d 'Else by the last activation: softmax cross_entropy, sigmoid binary_cross_entropy, linear mse.'
complete -c actcli -n '__actcli_in train' -l epochs -x -d 'Times through all rows.'
complete -c actcli -n '__actcli_in train' -l batch-size -x -d 'Rows of a step. Default: all.'
complete -c actcli -n '__actcli_in train' -l shuffle -d 'The rows in a new order every epoch.'
complete -c actcli -n '__actcli_in train' -l l1 -x -d 'Add X*sum|w|: one for all layers, or one a layer.'
complete -c actcli -n '__actcli_in train' -l l2 -x -d 'Add X*sum w^2, of weights and biases.'
complete -c actcli -n '__actcli_in train' -l dropout -x -d 'Drop this share after every hidden layer, or one a layer.'
complete -c actcli -n '__actcli_in train' -l clip-norm -x -d 'The gradient of a step is no longer than this.'
complete -c actcli -n '__actcli_in train' -l patience -x -d 'Stop after N epochs without a lower loss (of validation data).'
complete -c actcli -n '__actcli_in train' -l until -x -d 'Stop at loss=0.1 or so: loss, accuracy, validation_loss, validation_accuracy.'
complete -c actcli -n '__actcli_in train' -l sweep -x -d 'A row a combination; activation=all is every elementwise function. Keys: activation, init, scale, seed, depth, width, optimizer, loss, batch_size, epochs, l1, l2, dropout, clip_norm, samples.'
complete -c actcli -n '__actcli_in train' -l mean -d 'Mean and deviation over the seeds of --sweep seed=0,1,2.'
complete -c actcli -n '__actcli_in train' -l history -r -F -d 'Write the epochs; by suffix: .txt .tsv .csv .json .ndjson .npy.'
complete -c actcli -n '__actcli_in train' -l every -x -d 'Epochs between rows of --history.'
complete -c actcli -n '__actcli_in train' -l plot -r -F -d 'Loss and accuracy, and classes over 2 inputs: .png .svg .pdf, - is stdout; .gif shows them forming.'
complete -c actcli -n '__actcli_in spiral' -l samples -x -d 'Samples per class. Default: 100; of the sine 1000 in all.'
complete -c actcli -n '__actcli_in spiral' -l classes -x -d 'Classes. Default: 3.'
complete -c actcli -n '__actcli_in spiral' -l seed -x -d 'Of numpy\'s legacy generator.'
complete -c actcli -n '__actcli_in spiral' -l data -x -a 'spiral vertical sine moons circles xor gauss cs231n' -d 'Which data.'
complete -c actcli -n '__actcli_in spiral' -l noise -x -d 'Deviation of the noise. Default: the data\'s own.'
complete -c actcli -n '__actcli_in spiral' -l turns -x -d 'Turns of a spiral\'s arm. Default: 1.59; of cs231n 0.64.'
complete -c actcli -n '__actcli_in spiral' -l test-split -x -d 'Add a column: 1 for rows held out, else 0.'
complete -c actcli -n '__actcli_in spiral' -l plot -r -F -d 'The scatter: .png .svg .pdf, - is stdout.'
complete -c actcli -n '__actcli_in spiral' -l plain -d 'The scatter without class colours.'
complete -c actcli -n '__actcli_in list' -l family -x -a 'rectifiers smooth sigmoids oscillating rows' -d 'rectifiers, sigmoids, smooth, oscillating or rows.'
complete -c actcli -n '__actcli_in list' -l property -x -a 'bounded unbounded monotone increasing odd even zero-centred analytic smooth kinked discontinuous row elementwise parametrised' -d 'Can be repeated: bounded, unbounded, monotone, increasing, odd, even, zero-centred, analytic, smooth, kinked, discontinuous, row, elementwise, parametrised.'
complete -c actcli -n '__actcli_in list' -l framework -x -a 'torch keras keras2 jax flax tf tfa onnx ort timm hf mlx paddle mxnet chainer tinygrad scipy echo nnlib burn tfjs' -d 'The symbols of torch, keras, jax, onnx, ...'
complete -c actcli -n '__actcli_in info' -l traps -d 'Names that mean several functions, and functions with several names.'
complete -c actcli -n '__actcli_in diff' -l range -x -d 'Compare between LO and HI only.'
complete -c actcli -n '__actcli_in diff' -l plot -r -F -d 'Draw both and the gap: .png .svg .pdf.'
complete -c actcli -n '__actcli_in check' -s i -l input -r -F -d 'Columns x and y in .csv .tsv .txt .json .npy; or give it twice: x, then y. Default: standard input.'
complete -c actcli -n '__actcli_in check' -l column -x -d 'Columns of FILE to read, by name or from 1: x, then y.'
complete -c actcli -n '__actcli_in check' -l dtype -x -a 'float64 float32 float16 bfloat16' -d 'The type of the numbers. Default: that of an .npy file, else float64.'
complete -c actcli -n '__actcli_in check' -l order -x -a '0 1' -d '1: y are slopes.'
complete -c actcli -n '__actcli_in check' -l max-ulp -x -d 'Exit 0 needs no error above N ulp; 1 is strict. Default: half the digits.'
complete -c actcli -n '__actcli_in check' -l worst -x -d 'List the N worst points.'
complete -c actcli -n '__actcli_in vectors' -l dtype -x -a 'float64 float32 float16 bfloat16' -d 'The type of inputs and results.'
complete -c actcli -n '__actcli_in vectors' -l order -x -a '0 1' -d '1: results are slopes.'
complete -c actcli -n '__actcli_in vectors' -l random -x -d 'How many random inputs.'
complete -c actcli -n '__actcli_in vectors' -l seed -x -d 'For the random inputs.'
complete -c actcli -n '__actcli_in vectors' -l c -d 'Write a C header; so does --output FILE.h.'
complete -c actcli -n '__actcli_in code' -l to -x -a 'python numpy torch jax tensorflow c cuda rust julia javascript onnx latex sympy' -d 'The language: python, numpy, torch, jax, tensorflow, c, cuda, rust, julia, javascript, onnx, latex, sympy.'
complete -c actcli -n '__actcli_in code' -l name -x -d 'What to call it. Default: its own name, or f.'
complete -c actcli -n '__actcli_in code' -l dtype -x -a 'float64 float32' -d 'The type of what goes in and comes out. Default: float64, in onnx float32.'
complete -c actcli -n '__actcli_in code' -l value-only -d 'Leave the slope out.'
complete -c actcli -n '__actcli_in code' -l test -d 'Append a test with correctly rounded results.'
complete -c actcli -n '__actcli_in code' -s o -l output -r -F -d 'Write to FILE; its suffix may say the language.'
complete -c actcli -n '__actcli_in approx' -l range -x -d 'Where. Default: what an integer table\'s --input-scale reaches.'
complete -c actcli -n '__actcli_in approx' -l degree -x -d 'By a polynomial, or a quotient of two.'
complete -c actcli -n '__actcli_in approx' -l pieces -x -d 'By N straight pieces that join, the best there are.'
complete -c actcli -n '__actcli_in approx' -l uniform -d 'Pieces of equal lengths.'
complete -c actcli -n '__actcli_in approx' -l table -x -d 'By a look-up table of N entries at equal distances.'
complete -c actcli -n '__actcli_in approx' -l lookup -x -a 'nearest linear' -d 'How a table is read. Default: nearest; with 16 bits linear.'
complete -c actcli -n '__actcli_in approx' -l bits -x -a '8 16' -d 'An integer table, of 256 or 513 entries.'
complete -c actcli -n '__actcli_in approx' -l input-scale -x -d 'An input q is S*(q - Z). Default: fits the range.'
complete -c actcli -n '__actcli_in approx' -l input-zero-point -x -d 'Of the inputs. Default: fits, or 0.'
complete -c actcli -n '__actcli_in approx' -l output-scale -x -d 'Of the entries. Default: TFLite\'s, or fits.'
complete -c actcli -n '__actcli_in approx' -l zero-point -x -d 'Of the entries. Default: TFLite\'s, or fits.'
complete -c actcli -n '__actcli_in approx' -l max-error -x -d 'By the least degree with an error of at most E.'
complete -c actcli -n '__actcli_in approx' -l relative -d 'Errors relative to the value.'
complete -c actcli -n '__actcli_in approx' -l odd -d 'Odd powers only.'
complete -c actcli -n '__actcli_in approx' -l even -d 'Even powers only.'
complete -c actcli -n '__actcli_in approx' -l weight -x -d 'Least squares under a distribution of the inputs.'
complete -c actcli -n '__actcli_in approx' -l coefficients -x -d 'Best with coefficients of float32, float16, bfloat16, or fixed@bits=16,fraction=12.'
complete -c actcli -n '__actcli_in approx' -l basis -x -a 'power chebyshev' -d 'What the coefficients belong to.'
complete -c actcli -n '__actcli_in approx' -l order -x -a '0 1' -d '1: approximate the slope.'
complete -c actcli -n '__actcli_in approx' -l outside -x -a 'clamp extend asymptote' -d 'What it is outside the range.'
complete -c actcli -n '__actcli_in approx' -l plot -r -F -d 'Draw it and its error: .png .svg .pdf.'
complete -c actcli -n '__actcli_in completion' -l install -d 'Put the script where the shell looks for it.'
complete -c actcli -n '__actcli_in completion' -l uninstall -d 'Remove what --install wrote.'
complete -c actcli -n '__actcli_in plot' -a '(__actcli_spec)'
complete -c actcli -n '__actcli_in eval' -a '(__actcli_spec)'
complete -c actcli -n '__actcli_in grad' -a '(__actcli_spec)'
complete -c actcli -n '__actcli_in info' -a '(__actcli_spec)'
complete -c actcli -n '__actcli_in diff' -a '(__actcli_spec)'
complete -c actcli -n '__actcli_in check' -a '(__actcli_spec)'
complete -c actcli -n '__actcli_in vectors' -a '(__actcli_spec)'
complete -c actcli -n '__actcli_in code' -a '(__actcli_spec)'
complete -c actcli -n '__actcli_in approx' -a '(__actcli_spec)'
complete -c actcli -n '__actcli_in completion' -a 'bash zsh fish powershell'
