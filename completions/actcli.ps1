# PowerShell completion for actcli. Written by `actcli completion powershell`; it never starts Python.

Register-ArgumentCompleter -Native -CommandName actcli -ScriptBlock {
    param($word, $tree, $cursor)

    # Each command: what it is, its argument, and its options with their values. A value is a list of choices,
    # 'spec' or 'specs' (functions), 'file', 'none', or '' for an option without a value.
    $commands = [ordered]@{
        'plot' = @{ help = 'Draw activation functions into a picture.'; argument = 'spec'; options = @{
            '--all' = ''
            '--family' = @('rectifiers', 'smooth', 'sigmoids', 'oscillating', 'rows')
            '--grad' = ''
            '--derivative' = ''
            '--order' = 'none'
            '--slopes-only' = ''
            '--range' = 'none'
            '--xlim' = 'none'
            '--points' = 'none'
            '--ylim' = 'none'
            '--mark' = 'none'
            '--sweep' = 'none'
            '--diff' = ''
            '--neuron' = 'none'
            '--fit' = @('sine')
            '--pairs' = 'none'
            '--save-weights' = 'file'
            '--card' = ''
            '--plane' = ''
            '--yscale' = @('linear', 'symlog')
            '--xlabel' = 'none'
            '--ylabel' = 'none'
            '--term' = ''
            '--size' = 'none'
            '--dpi' = 'none'
            '--theme' = @('light', 'dark')
            '--transparent' = ''
            '--cmap' = 'none'
            '--title' = 'none'
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'eval' = @{ help = 'Values of one or several functions.'; argument = 'spec'; options = @{
            '--range' = 'none'
            '-i' = 'file'
            '--input' = 'file'
            '--input-format' = @('txt', 'csv', 'tsv', 'json', 'ndjson', 'npy', 'npz', 'idx')
            '--column' = 'none'
            '--dtype' = @('float64', 'float32', 'float16')
            '--exact' = ''
            '--digits' = 'none'
            '--hex' = ''
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'grad' = @{ help = 'Slopes of one or several functions, analytic.'; argument = 'spec'; options = @{
            '--order' = @('1', '2')
            '--range' = 'none'
            '-i' = 'file'
            '--input' = 'file'
            '--input-format' = @('txt', 'csv', 'tsv', 'json', 'ndjson', 'npy', 'npz', 'idx')
            '--column' = 'none'
            '--dtype' = @('float64', 'float32', 'float16')
            '--exact' = ''
            '--digits' = 'none'
            '--hex' = ''
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'forward' = @{ help = 'A batch of data through dense layers, layer by layer.'; argument = 'none'; options = @{
            '--layers' = 'none'
            '--activation' = 'specs'
            '--activations' = 'specs'
            '--depth' = 'none'
            '--width' = 'none'
            '--init' = @('nnfs', 'normal', 'uniform', 'glorot', 'glorot_normal', 'he', 'he_uniform', 'lecun', 'lecun_uniform', 'orthogonal', 'zeros', 'ones', 'identity')
            '--scale' = 'none'
            '--bias' = 'none'
            '--seed' = 'none'
            '--advance' = 'none'
            '--dtype' = @('float32', 'float64')
            '--weights' = 'file'
            '--transposed' = ''
            '--save-weights' = 'file'
            '-i' = 'file'
            '--input' = 'file'
            '--input-format' = @('txt', 'csv', 'tsv', 'json', 'ndjson', 'npy', 'npz', 'idx')
            '--column' = 'none'
            '--label' = 'none'
            '--labels' = 'file'
            '--standardize' = ''
            '--scale-input' = 'none'
            '--vectors' = 'file'
            '--data' = @('spiral', 'vertical', 'sine', 'moons', 'circles', 'xor', 'gauss', 'cs231n', 'normal')
            '--samples' = 'none'
            '--classes' = 'none'
            '--class-names' = 'none'
            '--classes-names' = 'none'
            '--batch-size' = 'none'
            '--rows' = @('all')
            '--summary' = ''
            '--gradient' = ''
            '--predict' = ''
            '--confusion' = ''
            '--all-layers' = ''
            '--compare' = 'file'
            '--sweep' = 'none'
            '--plot' = 'file'
            '--figure' = @('histogram', 'regions', 'surface', 'curve', 'heatmap', 'depth', 'bands', 'diagram')
            '--size' = 'none'
            '--dpi' = 'none'
            '--theme' = @('light', 'dark')
            '--transparent' = ''
            '--cmap' = 'none'
            '--title' = 'none'
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'train' = @{ help = 'Train a network, or several side by side: one row each.'; argument = 'none'; options = @{
            '--layers' = 'none'
            '--activation' = 'specs'
            '--activations' = 'specs'
            '--depth' = 'none'
            '--width' = 'none'
            '--init' = @('nnfs', 'normal', 'uniform', 'glorot', 'glorot_normal', 'he', 'he_uniform', 'lecun', 'lecun_uniform', 'orthogonal', 'zeros', 'ones', 'identity')
            '--scale' = 'none'
            '--bias' = 'none'
            '--seed' = 'none'
            '--advance' = 'none'
            '--dtype' = @('float32', 'float64')
            '--weights' = 'file'
            '--transposed' = ''
            '--save-weights' = 'file'
            '-i' = 'file'
            '--input' = 'file'
            '--input-format' = @('txt', 'csv', 'tsv', 'json', 'ndjson', 'npy', 'npz', 'idx')
            '--column' = 'none'
            '--label' = 'none'
            '--labels' = 'file'
            '--standardize' = ''
            '--scale-input' = 'none'
            '--vectors' = 'file'
            '--data' = @('spiral', 'vertical', 'sine', 'moons', 'circles', 'xor', 'gauss', 'cs231n', 'normal')
            '--samples' = 'none'
            '--classes' = 'none'
            '--vocabulary' = 'none'
            '--length' = 'none'
            '--validation' = 'file'
            '--validation-labels' = 'file'
            '--test-split' = 'none'
            '--validation-samples' = 'none'
            '--optimizer' = @('sgd', 'adagrad', 'rmsprop', 'adam', 'adamw')
            '--optimiser' = @('sgd', 'adagrad', 'rmsprop', 'adam', 'adamw')
            '--loss' = @('cross_entropy', 'binary_cross_entropy', 'mse', 'mae')
            '--epochs' = 'none'
            '--batch-size' = 'none'
            '--shuffle' = ''
            '--l1' = 'none'
            '--l2' = 'none'
            '--dropout' = 'none'
            '--clip-norm' = 'none'
            '--patience' = 'none'
            '--until' = 'none'
            '--sweep' = 'none'
            '--mean' = ''
            '--history' = 'file'
            '--every' = 'none'
            '--plot' = 'file'
            '--size' = 'none'
            '--dpi' = 'none'
            '--theme' = @('light', 'dark')
            '--transparent' = ''
            '--cmap' = 'none'
            '--title' = 'none'
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'spiral' = @{ help = 'The spiral of the NNFS book, number for number, and kin.'; argument = 'none'; options = @{
            '--samples' = 'none'
            '--classes' = 'none'
            '--seed' = 'none'
            '--advance' = 'none'
            '--data' = @('spiral', 'vertical', 'sine', 'moons', 'circles', 'xor', 'gauss', 'cs231n')
            '--noise' = 'none'
            '--turns' = 'none'
            '--test-split' = 'none'
            '--plot' = 'file'
            '--plain' = ''
            '--size' = 'none'
            '--dpi' = 'none'
            '--theme' = @('light', 'dark')
            '--transparent' = ''
            '--cmap' = 'none'
            '--title' = 'none'
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'list' = @{ help = 'List the functions, or the names a framework has for them.'; argument = 'none'; options = @{
            '--family' = @('rectifiers', 'smooth', 'sigmoids', 'oscillating', 'rows')
            '--property' = @('bounded', 'unbounded', 'monotone', 'increasing', 'odd', 'even', 'zero-centred', 'analytic', 'smooth', 'kinked', 'discontinuous', 'row', 'elementwise', 'parametrised')
            '--framework' = @('torch', 'keras', 'keras2', 'jax', 'flax', 'tf', 'tfa', 'onnx', 'ort', 'timm', 'hf', 'mlx', 'paddle', 'mxnet', 'chainer', 'tinygrad', 'scipy', 'echo', 'nnlib', 'burn', 'tfjs')
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'info' = @{ help = 'All about one function, and every framework''s name for it.'; argument = 'spec'; options = @{
            '--traps' = ''
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'diff' = @{ help = 'Are two functions the same? Where they differ, and how much.'; argument = 'spec'; options = @{
            '--range' = 'none'
            '--plot' = 'file'
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'check' = @{ help = 'Judge an implementation against the exact results, in ulp.'; argument = 'spec'; options = @{
            '-i' = 'file'
            '--input' = 'file'
            '--input-format' = @('txt', 'csv', 'tsv', 'json', 'ndjson', 'npy', 'npz', 'idx')
            '--column' = 'none'
            '--dtype' = @('float64', 'float32', 'float16', 'bfloat16')
            '--order' = @('0', '1')
            '--max-ulp' = 'none'
            '--worst' = 'none'
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'vectors' = @{ help = 'Test vectors: inputs that matter, correctly rounded results.'; argument = 'spec'; options = @{
            '--dtype' = @('float64', 'float32', 'float16', 'bfloat16')
            '--order' = @('0', '1')
            '--random' = 'none'
            '--seed' = 'none'
            '--c' = ''
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'code' = @{ help = 'A function and its slope in another language, stable everywhere.'; argument = 'spec'; options = @{
            '--to' = @('python', 'numpy', 'torch', 'jax', 'tensorflow', 'c', 'cuda', 'rust', 'julia', 'javascript', 'onnx', 'latex', 'sympy')
            '--name' = 'none'
            '--dtype' = @('float64', 'float32')
            '--value-only' = ''
            '--test' = ''
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'approx' = @{ help = 'Something simpler in a function''s place, with a proved error.'; argument = 'spec'; options = @{
            '--range' = 'none'
            '--degree' = 'none'
            '--pieces' = 'none'
            '--uniform' = ''
            '--table' = 'none'
            '--lookup' = @('nearest', 'linear')
            '--bits' = @('8', '16')
            '--input-scale' = 'none'
            '--input-zero-point' = 'none'
            '--output-scale' = 'none'
            '--zero-point' = 'none'
            '--max-error' = 'none'
            '--relative' = ''
            '--odd' = ''
            '--even' = ''
            '--weight' = 'none'
            '--coefficients' = 'none'
            '--basis' = @('power', 'chebyshev')
            '--order' = @('0', '1')
            '--outside' = @('clamp', 'extend', 'asymptote')
            '--plot' = 'file'
            '--size' = 'none'
            '--dpi' = 'none'
            '--theme' = @('light', 'dark')
            '--transparent' = ''
            '--cmap' = 'none'
            '--title' = 'none'
            '--format' = @('table', 'tsv', 'csv', 'json', 'ndjson')
            '--json' = ''
            '--csv' = ''
            '--tsv' = ''
            '-q' = ''
            '--values' = ''
            '--precision' = 'none'
            '--decimals' = 'none'
            '-o' = 'file'
            '--output' = 'file'
            '--help' = ''
        } }
        'completion' = @{ help = 'Print a completion script for a shell, or install it.'; argument = @('bash', 'zsh', 'fish', 'powershell'); options = @{
            '--install' = ''
            '--uninstall' = ''
            '--help' = ''
        } }
    }
    $functions = [ordered]@{
        'identity' = 'The input, unchanged.'
        'linear' = 'The input, unchanged.'
        'affine' = 'A straight line of any slope and height.'
        'abs' = 'The absolute value: a fold at 0.'
        'absolute' = 'The absolute value: a fold at 0.'
        'sign' = '-1, 0 or 1: the sign of the input.'
        'signum' = '-1, 0 or 1: the sign of the input.'
        'step' = 'Silent (0) below a threshold and at it, fires (1) above it.'
        'heaviside' = 'Silent (0) below a threshold and at it, fires (1) above it.'
        'binary_step' = 'Silent (0) below a threshold and at it, fires (1) above it.'
        'relu' = 'Rectified linear unit: passes what is positive, blocks the rest.'
        'relu6' = 'A rectifier that saturates at 6.'
        'clipped_relu' = 'A rectifier that saturates at max_value.'
        'leaky_relu' = 'A rectifier that lets a little of the negative side through.'
        'lrelu' = 'A rectifier that lets a little of the negative side through.'
        'prelu' = 'A leaky rectifier whose negative slope is learned; weight is its usual start.'
        'rrelu' = 'A leaky rectifier of random slope: its mean, as in evaluation; with a seed >= 0 one drawn for each input.'
        'generalized_relu' = 'Keras''s rectifier with all its options: a leak, a ceiling and a threshold.'
        'threshold' = 'Passes what exceeds a threshold, puts a fixed value in place of the rest.'
        'thresholded_relu' = 'Passes what exceeds theta, blocks the rest; jumps at theta.'
        'tlu' = 'Thresholded linear unit: a rectifier with its corner at tau.'
        'hard_shrink' = 'Drops what is small, keeps the rest as it is.'
        'soft_shrink' = 'Drops what is small, draws the rest towards 0 by as much.'
        'shrink' = 'Hard (bias 0) and soft (bias = lambd) shrinking and everything between.'
        'hard_tanh' = 'The identity, cut off on both sides.'
        'hard_sigmoid' = 'A straight line from 0 to 1 in place of the logistic curve.'
        'sparse_sigmoid' = 'The hard sigmoid of slope 1/2: the slope of sparse_plus.'
        'hard_swish' = 'The swish with straight pieces for its sigmoid.'
        'hard_silu' = 'The swish with straight pieces for its sigmoid.'
        'hard_mish' = 'A mish of parabolic and straight pieces.'
        'hard_elish' = 'An elish with a straight piece for its sigmoid.'
        'srelu' = 'S-shaped rectifier: the identity between two thresholds, other slopes outside them.'
        'squared_relu' = 'The rectifier, squared.'
        'relu2' = 'The rectifier, squared.'
        'star_relu' = 'The squared rectifier, scaled and shifted to mean 0 and variance 1 under a normal input.'
        'nlrelu' = 'The logarithm of the rectifier.'
        'sparse_plus' = 'A rectifier whose corner is a parabola over -1..1.'
        'smelu' = 'Smooth rectifier: its corner is a parabola over -beta..beta.'
        'sqlu' = 'Square-law linear unit: an elu with a parabola for its exponential.'
        'hat' = 'A triangle over 0..a.'
        'sine_relu' = 'A rectifier with a small wave on its negative side; jumps at 0.'
        'suish' = 'The identity above 0, x exp(x) below.'
        'erf_relu' = 'The identity above 0, the error function below.'
        'softmodulus_q' = 'The absolute value with a smooth bottom.'
        'elu' = 'Exponential linear unit: the identity above 0, saturating at -alpha below.'
        'celu' = 'An elu that is smooth at 0 for every alpha.'
        'selu' = 'Scaled elu: keeps mean 0 and variance 1 through a deep network of lecun-initialised layers.'
        'pelu' = 'An elu whose height and width are learned.'
        'isrlu' = 'An elu with an inverse square root for its exponential.'
        'softplus' = 'The smooth rectifier: log(1 + exp(x)).'
        'sqrt_softplus' = 'The square root of the softplus.'
        'squareplus' = 'A smooth rectifier from a hyperbola, without an exponential.'
        'bent_identity' = 'A hyperbola between slopes 1/2 and 3/2.'
        'log_cosh' = 'A smooth absolute value: parabola near 0, straight far out.'
        'swish' = 'The input, gated by its own sigmoid.'
        'silu' = 'The input, gated by its own sigmoid.'
        'quick_gelu' = 'The gelu by a sigmoid: swish with beta 1.702.'
        'eswish' = 'A steeper swish.'
        'acon_c' = 'Switches smoothly between linear and swish.'
        'aria2' = 'The input, gated by a Richards curve.'
        'elish' = 'Swish above 0, elu times a sigmoid below.'
        'flatten_t_swish' = 'Swish above 0, flat below.'
        'gelu' = 'Gaussian error linear unit: the input times the normal distribution function.'
        'gelu_tanh' = 'The gelu by a tanh: x (1 + tanh u)/2 = x sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3).'
        'clipped_gelu' = 'The gelu, clipped for quantisation.'
        'mish' = 'The input times tanh(softplus(x)).'
        'beta_mish' = 'A mish with a sharper gate.'
        'mila' = 'A mish with a shifted gate.'
        'serf' = 'The input times erf(softplus(x)).'
        'logish' = 'The input times log(1 + sigmoid(x)).'
        'smish' = 'The input times tanh(log(1 + sigmoid(x))).'
        'tanhexp' = 'The input times tanh(exp(x)).'
        'telu' = 'The input times tanh(exp(x)).'
        'phish' = 'The input times tanh(gelu(x)).'
        'gish' = 'The input times log(2 - exp(-exp(x))).'
        'golu' = 'The input, gated by the Gompertz curve.'
        'colu' = 'Collapsing linear unit.'
        'lisht' = 'The input times its tanh: even, without a negative part.'
        'swim' = 'A swish without an exponential.'
        'smu' = 'Smooth maximum unit: a leaky rectifier smoothed by erf.'
        'tanh_lu' = 'A tanh on a straight line.'
        'xielu' = 'The integral of an elu: a parabola above 0.'
        'exp' = 'The exponential function.'
        'exponential' = 'The exponential function.'
        'soft_exponential' = 'From logarithm (alpha -1) over the identity (0) to the exponential (1).'
        'symlog' = 'A logarithm for both signs.'
        'symexp' = 'The inverse of the symlog.'
        'cube' = 'The cube.'
        'sigmoid' = 'The logistic curve, from 0 to 1.'
        'logistic' = 'The logistic curve, from 0 to 1.'
        'expit' = 'The logistic curve, from 0 to 1.'
        'tanh' = 'The hyperbolic tangent, from -1 to 1.'
        'softsign' = 'An S curve from -1 to 1 that approaches its limits slowly, like 1/x.'
        'soft_sign' = 'An S curve from -1 to 1 that approaches its limits slowly, like 1/x.'
        'log_sigmoid' = 'The logarithm of the sigmoid: -softplus(-x).'
        'scaled_tanh' = 'LeCun''s tanh: close to the identity at -1 and 1.'
        'weighted_tanh' = 'The tanh of a scaled input.'
        'dyt' = 'Dynamic tanh, which stands in for a normalisation layer; its affine part is left out.'
        'soft_cap' = 'Caps logits smoothly at -cap and cap.'
        'penalized_tanh' = 'The tanh, flattened on its negative side.'
        'rectified_tanh' = 'The positive half of the tanh.'
        'rational_tanh' = 'LeCun''s tanh by a rational function.'
        'tanh_shrink' = 'What the tanh takes away: cubic near 0, a straight line far out.'
        'arctan' = 'The arc tangent, from -pi/2 to pi/2.'
        'atan' = 'The arc tangent, from -pi/2 to pi/2.'
        'erf' = 'The error function, from -1 to 1.'
        'gaussian_cdf' = 'The normal distribution function; with these constants what MEGA calls Laplace.'
        'normal_cdf' = 'The normal distribution function; with these constants what MEGA calls Laplace.'
        'elliott' = 'The softsign, moved to 0..1.'
        'isru' = 'Inverse square root unit: an S curve without an exponential.'
        'sqnl' = 'Square nonlinearity: a tanh of two parabolas.'
        'richards_sigmoid' = 'The generalised logistic curve, steeper on one side.'
        'cloglog' = 'Complementary log-log: an asymmetric curve from 0 to 1.'
        'loglog' = 'Log-log, the Gumbel distribution function: an asymmetric curve from 0 to 1.'
        'soft_clipping' = 'A smooth clip to 0..1.'
        'dsilu' = 'The slope of the silu, used as an activation of its own.'
        'gaussian' = 'A bell: 1 at 0, nothing far out.'
        'ricker' = 'The Mexican hat, unnormalised: a bell between two troughs.'
        'mexican_hat' = 'The Mexican hat, unnormalised: a bell between two troughs.'
        'sine' = 'A sine wave; SIREN networks use omega 30.'
        'sin' = 'A sine wave; SIREN networks use omega 30.'
        'snake' = 'A wave on the identity, for periodic data.'
        'gcu' = 'Growing cosine unit.'
        'sinlu' = 'A swish with a wave on it.'
        'sinc' = 'The normalised sinc, sin(pi x)/(pi x).'
        'softmax' = 'Turns a row into probabilities in proportion to exp.'
        'log_softmax' = 'The logarithm of the softmax, without leaving the logarithms.'
        'softmin' = 'The softmax of the negated row: the smallest gets the most.'
        'quiet_softmax' = 'A softmax that may attend to nothing: one more entry, fixed at 0, takes what is left.'
        'softmax1' = 'A softmax that may attend to nothing: one more entry, fixed at 0, takes what is left.'
        'gumbel_softmax' = 'A softmax of the row plus Gumbel noise g; the noise is drawn once from the seed, the same for every row.'
        'hardmax' = '1 for the first largest entry, 0 for the rest.'
        'sparsemax' = 'The nearest point of the probability simplex: the threshold is such that the entries sum to 1.'
        'entmax15' = 'Between softmax and sparsemax: the threshold is such that the squares sum to 1.'
        'glu' = 'Gated linear unit: the first half of the row, gated by the sigmoid of the second.'
        'swiglu' = 'The second half of the row, gated by the swish of the first.'
        'geglu' = 'The second half of the row, gated by the gelu of the first.'
        'reglu' = 'The second half of the row, gated by the rectifier of the first.'
        'bilinear' = 'The two halves of the row, multiplied.'
        'gtu' = 'Gated tanh unit: the tanh of the first half, gated by the sigmoid of the second.'
        'crelu' = 'The rectifier of the row, then that of the negated row: twice as wide.'
        'maxout' = 'The largest of each k neighbouring values; with num_units, of as many groups that take every num_units-th one.'
    }
    $parameters = @{
        'affine' = @('alpha', 'beta')
        'step' = @('threshold', 'at_threshold')
        'heaviside' = @('threshold', 'at_threshold')
        'binary_step' = @('threshold', 'at_threshold')
        'clipped_relu' = @('max_value')
        'leaky_relu' = @('negative_slope')
        'lrelu' = @('negative_slope')
        'prelu' = @('weight')
        'rrelu' = @('lower', 'upper', 'seed')
        'generalized_relu' = @('negative_slope', 'max_value', 'threshold')
        'threshold' = @('threshold', 'value')
        'thresholded_relu' = @('theta')
        'tlu' = @('tau')
        'hard_shrink' = @('lambd')
        'soft_shrink' = @('lambd')
        'shrink' = @('lambd', 'bias')
        'hard_tanh' = @('min_val', 'max_val')
        'hard_sigmoid' = @('slope', 'offset')
        'srelu' = @('t_r', 'a_r', 't_l', 'a_l')
        'star_relu' = @('s', 'b')
        'nlrelu' = @('beta')
        'smelu' = @('beta')
        'hat' = @('a')
        'sine_relu' = @('eps')
        'erf_relu' = @('a')
        'elu' = @('alpha')
        'celu' = @('alpha')
        'selu' = @('alpha', 'scale')
        'pelu' = @('a', 'b')
        'isrlu' = @('alpha')
        'softplus' = @('beta')
        'squareplus' = @('b')
        'swish' = @('beta')
        'silu' = @('beta')
        'eswish' = @('beta')
        'acon_c' = @('p1', 'p2', 'beta')
        'aria2' = @('alpha', 'beta')
        'flatten_t_swish' = @('t')
        'clipped_gelu' = @('min_val', 'max_val')
        'beta_mish' = @('beta')
        'mila' = @('beta')
        'swim' = @('k')
        'smu' = @('alpha', 'mu')
        'tanh_lu' = @('alpha', 'beta', 'lambd')
        'xielu' = @('alpha_p', 'alpha_n', 'beta')
        'soft_exponential' = @('alpha')
        'scaled_tanh' = @('a', 'b')
        'weighted_tanh' = @('weight')
        'dyt' = @('alpha')
        'soft_cap' = @('cap')
        'penalized_tanh' = @('a')
        'gaussian_cdf' = @('mu', 'sigma')
        'normal_cdf' = @('mu', 'sigma')
        'isru' = @('alpha')
        'richards_sigmoid' = @('alpha', 'beta')
        'soft_clipping' = @('alpha')
        'gaussian' = @('sigma')
        'ricker' = @('sigma')
        'mexican_hat' = @('sigma')
        'sine' = @('omega')
        'sin' = @('omega')
        'snake' = @('frequency')
        'sinlu' = @('a', 'b')
        'gumbel_softmax' = @('tau', 'seed')
        'swiglu' = @('alpha')
        'maxout' = @('k', 'num_units')
    }
    $symbols = [ordered]@{
        'torch' = 'torch.relu torch.ReLU torch.relu_ torch.relu6 torch.ReLU6 torch.leaky_relu torch.LeakyReLU torch.leaky_relu_ torch.prelu torch.PReLU torch.rrelu torch.RReLU torch.rrelu_ torch.threshold torch.Threshold torch.threshold_ torch.elu torch.ELU torch.elu_ torch.celu torch.CELU torch.celu_ torch.selu torch.SELU torch.selu_ torch.gelu torch.GELU torch.silu torch.SiLU torch.mish torch.Mish torch.hardswish torch.Hardswish torch.hardsigmoid torch.Hardsigmoid torch.hardtanh torch.Hardtanh torch.hardtanh_ torch.hardshrink torch.Hardshrink torch.softshrink torch.Softshrink torch.tanhshrink torch.Tanhshrink torch.softplus torch.Softplus torch.softsign torch.Softsign torch.sigmoid torch.Sigmoid torch.expit torch.sigmoid_ torch.logsigmoid torch.LogSigmoid torch.tanh torch.Tanh torch.tanh_ torch.Identity torch.glu torch.GLU torch.softmax torch.Softmax torch.Softmax2d torch.log_softmax torch.LogSoftmax torch.softmin torch.Softmin torch.gumbel_softmax torch.heaviside torch.sign torch.sgn torch.abs torch.absolute torch.abs_ torch.sin torch.sin_ torch.erf torch.erf_ torch.exp torch.exp_ torch.acos torch.arccos torch.acos_ torch.arccos_ torch.acosh torch.arccosh torch.acosh_ torch.arccosh_ torch.arcsin torch.asin torch.arcsin_ torch.asin_ torch.arcsinh torch.asinh torch.arcsinh_ torch.asinh_ torch.arctan torch.atan torch.arctan_ torch.atan_ torch.arctanh torch.atanh torch.arctanh_ torch.atanh_ torch.cos torch.cos_ torch.cosh torch.cosh_ torch.erfc torch.erfc_ torch.exp2 torch.exp2_ torch.expm1 torch.expm1_ torch.log torch.log_ torch.log10 torch.log10_ torch.log1p torch.log1p_ torch.log2 torch.log2_ torch.logit torch.logit_ torch.neg torch.negative torch.neg_ torch.negative_ torch.reciprocal torch.reciprocal_ torch.rsqrt torch.rsqrt_ torch.sinc torch.sinc_ torch.sinh torch.sinh_ torch.sqrt torch.sqrt_ torch.square torch.square_ torch.tan torch.tan_ torch.erfcx torch.log_ndtr torch.ndtr torch.clamp torch.clip torch.clamp_ torch.clip_ torch.maximum torch.ceil torch.ceil_ torch.fix torch.trunc torch.fix_ torch.trunc_ torch.floor torch.floor_ torch.frac torch.frac_ torch.round torch.round_'
        'jax' = 'jax.identity jax.relu jax.relu6 jax.leaky_relu jax.elu jax.celu jax.selu jax.gelu jax.silu jax.swish jax.mish jax.hard_silu jax.hard_swish jax.hard_sigmoid jax.sparse_sigmoid jax.hard_tanh jax.softplus jax.squareplus jax.sparse_plus jax.soft_sign jax.sigmoid jax.logistic jax.expit jax.log_sigmoid jax.tanh jax.glu jax.softmax jax.log_softmax jax.heaviside jax.absolute jax.abs jax.fabs jax.acos jax.arccos jax.acosh jax.arccosh jax.arcsin jax.asin jax.arcsinh jax.asinh jax.arctan jax.atan jax.arctanh jax.atanh jax.cos jax.cosh jax.erfc jax.exp2 jax.expm1 jax.log jax.log10 jax.log1p jax.log2 jax.logit jax.neg jax.negative jax.reciprocal jax.rsqrt jax.sinc jax.sinh jax.sqrt jax.square jax.tan jax.erfcx jax.log_ndtr jax.ndtr jax.log1mexp jax.cbrt jax.exp jax.sign jax.sin jax.erf jax.clip jax.maximum jax.special.softmax jax.special.log_softmax jax.ceil jax.floor jax.round jax.around jax.rint jax.lax.round jax.trunc'
        'flax' = 'flax.identity flax.relu flax.relu6 flax.leaky_relu flax.elu flax.celu flax.selu flax.gelu flax.silu flax.swish flax.hard_silu flax.hard_swish flax.hard_sigmoid flax.hard_tanh flax.softplus flax.soft_sign flax.sigmoid flax.log_sigmoid flax.tanh flax.glu flax.softmax flax.log_softmax flax.PReLU'
        'keras' = 'keras.relu keras.ReLU keras.relu6 keras.leaky_relu keras.elu keras.ELU keras.celu keras.selu keras.gelu keras.ops.gelu keras.silu keras.swish keras.mish keras.hard_silu keras.hard_swish keras.hard_sigmoid keras.sparse_sigmoid keras.hard_tanh keras.hard_shrink keras.soft_shrink keras.tanh_shrink keras.threshold keras.softplus keras.squareplus keras.sparse_plus keras.softsign keras.sigmoid keras.log_sigmoid keras.tanh keras.exponential keras.exp keras.linear keras.glu keras.softmax keras.Softmax keras.log_softmax keras.sparsemax keras.LeakyReLU keras.PReLU keras.absolute keras.abs keras.fabs keras.arccos keras.arccosh keras.arcsin keras.arcsinh keras.arctan keras.arctanh keras.cos keras.cosh keras.erfc keras.exp2 keras.expm1 keras.log keras.log10 keras.log1p keras.log2 keras.negative keras.reciprocal keras.rsqrt keras.sinc keras.sinh keras.sqrt keras.square keras.tan keras.cbrt keras.sign keras.sin keras.erf keras.Identity keras.heaviside keras.clip keras.maximum keras.ceil keras.floor keras.round keras.trunc'
        'keras2' = 'keras2.relu keras2.ReLU keras2.elu keras2.ELU keras2.exponential keras2.gelu keras2.hard_sigmoid keras2.linear keras2.mish keras2.selu keras2.sigmoid keras2.softmax keras2.Softmax keras2.softplus keras2.softsign keras2.swish keras2.tanh keras2.LeakyReLU keras2.PReLU keras2.ThresholdedReLU'
        'tf' = 'tf.relu tf.relu6 tf.leaky_relu tf.crelu tf.elu tf.selu tf.gelu tf.silu tf.swish tf.sigmoid tf.log_sigmoid tf.tanh tf.softplus tf.softsign tf.softmax tf.log_softmax tf.identity tf.sign tf.abs tf.erf tf.sin tf.exp tf.acos tf.acosh tf.asin tf.asinh tf.atan tf.atanh tf.cos tf.cosh tf.erfc tf.expm1 tf.log tf.log1p tf.negative tf.reciprocal tf.rsqrt tf.sinh tf.sqrt tf.square tf.tan tf.clip_by_value tf.maximum tf.reciprocal_no_nan tf.ceil tf.floor tf.round tf.rint'
        'tfa' = 'tfa.gelu tfa.hardshrink tfa.softshrink tfa.tanhshrink tfa.lisht tfa.mish tfa.rrelu tfa.snake tfa.Snake tfa.sparsemax tfa.Sparsemax tfa.Maxout tfa.TLU tfa.GELU'
        'onnx' = 'onnx.Relu onnx.LeakyRelu onnx.PRelu onnx.Elu onnx.Celu onnx.Selu onnx.Gelu onnx.Swish onnx.SwiGLU onnx.HardSwish onnx.Mish onnx.HardSigmoid onnx.Sigmoid onnx.Tanh onnx.Softplus onnx.Softsign onnx.ThresholdedRelu onnx.Shrink onnx.Softmax onnx.LogSoftmax onnx.Hardmax onnx.Identity onnx.Clip onnx.Abs onnx.Sign onnx.Erf onnx.Exp onnx.Sin onnx.ScaledTanh onnx.Affine onnx.Acos onnx.Acosh onnx.Asin onnx.Asinh onnx.Atan onnx.Atanh onnx.Cos onnx.Cosh onnx.Log onnx.Neg onnx.Reciprocal onnx.Sinh onnx.Sqrt onnx.Tan onnx.Max onnx.Ceil onnx.Floor onnx.Round'
        'ort' = 'ort.QuickGelu ort.Gelu ort.FastGelu ort.BiasGelu ort.ScaledSiLU'
        'timm' = 'timm.silu timm.swish timm.mish timm.relu timm.relu6 timm.leaky_relu timm.elu timm.celu timm.selu timm.gelu timm.gelu_tanh timm.quick_gelu timm.sigmoid timm.tanh timm.hard_sigmoid timm.hardsigmoid timm.hard_swish timm.hardswish timm.hard_mish timm.identity timm.prelu'
        'hf' = 'hf.gelu hf.gelu_python hf.gelu_10 hf.gelu_fast hf.gelu_new hf.gelu_pytorch_tanh hf.gelu_python_tanh hf.gelu_accurate hf.hardswish hf.laplace hf.leaky_relu hf.linear hf.mish hf.quick_gelu hf.relu hf.relu2 hf.relu6 hf.sigmoid hf.silu hf.swish hf.sqrtsoftplus hf.tanh hf.prelu hf.xielu'
        'mlx' = 'mlx.sigmoid mlx.Sigmoid mlx.relu mlx.ReLU mlx.relu2 mlx.ReLU2 mlx.relu6 mlx.ReLU6 mlx.leaky_relu mlx.LeakyReLU mlx.log_softmax mlx.LogSoftmax mlx.elu mlx.ELU mlx.softmax mlx.Softmax mlx.softplus mlx.Softplus mlx.softsign mlx.Softsign mlx.softshrink mlx.Softshrink mlx.celu mlx.CELU mlx.silu mlx.SiLU mlx.log_sigmoid mlx.LogSigmoid mlx.gelu mlx.GELU mlx.gelu_approx mlx.gelu_fast_approx mlx.glu mlx.GLU mlx.step mlx.Step mlx.selu mlx.SELU mlx.prelu mlx.PReLU mlx.mish mlx.Mish mlx.hardswish mlx.Hardswish mlx.hard_tanh mlx.HardTanh mlx.hard_shrink mlx.HardShrink mlx.softmin mlx.Softmin mlx.tanh mlx.Tanh mlx.acos mlx.arccos mlx.acosh mlx.arccosh mlx.arcsin mlx.asin mlx.arcsinh mlx.asinh mlx.arctan mlx.atan mlx.arctanh mlx.atanh mlx.cos mlx.cosh mlx.expm1 mlx.log mlx.log10 mlx.log1p mlx.log2 mlx.negative mlx.reciprocal mlx.rsqrt mlx.sinh mlx.sqrt mlx.square mlx.tan mlx.abs mlx.exp mlx.sign mlx.sin mlx.erf mlx.clip mlx.maximum mlx.ceil mlx.floor mlx.round mlx.trunc'
        'paddle' = 'paddle.celu paddle.CELU paddle.elu paddle.ELU paddle.elu_ paddle.gelu paddle.GELU paddle.hardshrink paddle.Hardshrink paddle.hardsigmoid paddle.Hardsigmoid paddle.hardswish paddle.Hardswish paddle.hardtanh paddle.Hardtanh paddle.hardtanh_ paddle.leaky_relu paddle.LeakyReLU paddle.leaky_relu_ paddle.log_sigmoid paddle.LogSigmoid paddle.logsigmoid paddle.log_softmax paddle.LogSoftmax paddle.maxout paddle.Maxout paddle.mish paddle.Mish paddle.prelu paddle.PReLU paddle.relu paddle.ReLU paddle.relu_ paddle.relu6 paddle.ReLU6 paddle.rrelu paddle.RReLU paddle.selu paddle.SELU paddle.sigmoid paddle.Sigmoid paddle.silu paddle.Silu paddle.SiLU paddle.swish paddle.Swish paddle.softmax paddle.Softmax paddle.softmax_ paddle.softplus paddle.Softplus paddle.softshrink paddle.Softshrink paddle.softsign paddle.Softsign paddle.tanh paddle.Tanh paddle.tanh_ paddle.tanhshrink paddle.Tanhshrink paddle.thresholded_relu paddle.ThresholdedReLU paddle.thresholded_relu_ paddle.glu paddle.GLU paddle.swiglu paddle.stanh paddle.gumbel_softmax paddle.abs paddle.abs_ paddle.acos paddle.acos_ paddle.acosh paddle.asin paddle.asinh paddle.atan paddle.atan_ paddle.atanh paddle.cos paddle.cos_ paddle.cosh paddle.erf paddle.erf_ paddle.expm1 paddle.expm1_ paddle.log paddle.log_ paddle.log10 paddle.log10_ paddle.log1p paddle.log2 paddle.log2_ paddle.logit paddle.logit_ paddle.neg paddle.negative paddle.neg_ paddle.reciprocal paddle.rsqrt paddle.sgn paddle.sign paddle.sin paddle.sin_ paddle.sinc paddle.sinc_ paddle.sinh paddle.sinh_ paddle.sqrt paddle.square paddle.square_ paddle.tan paddle.tan_ paddle.exp paddle.clip paddle.clamp paddle.maximum paddle.ceil paddle.floor paddle.frac paddle.frac_ paddle.round paddle.trunc paddle.trunc_'
        'mxnet' = 'mxnet.Activation mxnet.relu mxnet.sigmoid mxnet.tanh mxnet.softrelu mxnet.softsign mxnet.LeakyReLU mxnet.leaky mxnet.elu mxnet.selu mxnet.SELU mxnet.gelu mxnet.GELU mxnet.prelu mxnet.rrelu mxnet.hard_sigmoid mxnet.softmax mxnet.log_softmax mxnet.softmin mxnet.nn.LeakyReLU mxnet.ELU mxnet.Swish mxnet.PReLU'
        'chainer' = 'chainer.relu chainer.relu6 chainer.clipped_relu chainer.leaky_relu chainer.elu chainer.selu chainer.crelu chainer.hard_sigmoid chainer.sigmoid chainer.tanh chainer.softplus chainer.softmax chainer.log_softmax chainer.prelu chainer.swish chainer.maxout chainer.rrelu'
        'tinygrad' = 'tinygrad.relu tinygrad.sigmoid tinygrad.relu6 tinygrad.hardswish tinygrad.hardsigmoid tinygrad.hardtanh tinygrad.leaky_relu tinygrad.tanh tinygrad.quick_gelu tinygrad.gelu tinygrad.swish tinygrad.silu tinygrad.elu tinygrad.celu tinygrad.selu tinygrad.softplus tinygrad.mish tinygrad.logsigmoid tinygrad.softsign tinygrad.softmax tinygrad.log_softmax tinygrad.clip tinygrad.clamp tinygrad.maximum tinygrad.abs tinygrad.acos tinygrad.acosh tinygrad.asin tinygrad.asinh tinygrad.atan tinygrad.atanh tinygrad.cos tinygrad.cosh tinygrad.erf tinygrad.exp tinygrad.exp2 tinygrad.log tinygrad.log10 tinygrad.log2 tinygrad.neg tinygrad.reciprocal tinygrad.rsqrt tinygrad.sign tinygrad.sin tinygrad.sinh tinygrad.softmin tinygrad.sqrt tinygrad.square tinygrad.tan tinygrad.ceil tinygrad.floor tinygrad.round tinygrad.trunc'
        'scipy' = 'scipy.expit scipy.log_expit scipy.softmax scipy.log_softmax scipy.heaviside scipy.sign scipy.tanh scipy.erf scipy.ndtr scipy.softplus scipy.absolute scipy.abs scipy.fabs scipy.acos scipy.arccos scipy.acosh scipy.arccosh scipy.arcsin scipy.asin scipy.arcsinh scipy.asinh scipy.arctan scipy.atan scipy.arctanh scipy.atanh scipy.cos scipy.cosh scipy.erfc scipy.exp2 scipy.expm1 scipy.log scipy.log10 scipy.log1p scipy.log2 scipy.logit scipy.negative scipy.reciprocal scipy.sinc scipy.sinh scipy.sqrt scipy.square scipy.tan scipy.erfcx scipy.log_ndtr scipy.cbrt scipy.exp scipy.sin scipy.cosm1 scipy.exp10 scipy.clip scipy.maximum scipy.ceil scipy.fix scipy.trunc scipy.floor scipy.round scipy.around scipy.rint'
        'echo' = 'echo.weighted_tanh echo.mish echo.silu echo.aria2 echo.beta_mish echo.eswish echo.swish echo.elish echo.hard_elish echo.mila echo.sineReLU echo.fts echo.sqnl echo.isru echo.isrlu echo.bent_id echo.soft_clipping echo.SoftExponential echo.SReLU'
        'nnlib' = 'nnlib.sigmoid nnlib.sigmoid_fast nnlib.hardsigmoid nnlib.logsigmoid nnlib.hardtanh nnlib.relu nnlib.leakyrelu nnlib.relu6 nnlib.rrelu nnlib.elu nnlib.gelu nnlib.gelu_tanh nnlib.gelu_sigmoid nnlib.gelu_erf nnlib.swish nnlib.hardswish nnlib.selu nnlib.celu nnlib.softplus nnlib.softsign nnlib.logcosh nnlib.mish nnlib.tanhshrink nnlib.softshrink nnlib.trelu nnlib.thresholdrelu nnlib.lisht nnlib.tanh nnlib.tanh_fast nnlib.softmax nnlib.logsoftmax nnlib.glu'
        'burn' = 'burn.relu burn.Relu burn.relu6 burn.hardtanh burn.tanhshrink burn.leaky_relu burn.LeakyRelu burn.gelu burn.Gelu burn.gelu_approximate burn.prelu burn.PRelu burn.softmax burn.log_softmax burn.softmin burn.quiet_softmax burn.softplus burn.Softplus burn.sigmoid burn.Sigmoid burn.hard_sigmoid burn.HardSigmoid burn.log_sigmoid burn.silu burn.hard_swish burn.HardSwish burn.mish burn.tanh burn.Tanh burn.elu burn.Elu burn.celu burn.Celu burn.selu burn.Selu burn.thresholded_relu burn.ThresholdedRelu burn.threshold burn.Threshold burn.Rrelu burn.glu burn.GLU burn.softsign burn.Softsign burn.hard_shrink burn.HardShrink burn.soft_shrink burn.SoftShrink burn.shrink burn.Shrink burn.SwiGlu'
        'tfjs' = 'tfjs.relu tfjs.relu6 tfjs.leakyRelu tfjs.elu tfjs.selu tfjs.sigmoid tfjs.logSigmoid tfjs.softplus tfjs.tanh tfjs.prelu tfjs.step tfjs.softmax tfjs.logSoftmax tfjs.leakyReLU tfjs.layers.prelu tfjs.thresholdedReLU tfjs.layers.elu tfjs.hardSigmoid tfjs.linear tfjs.softsign tfjs.swish tfjs.mish tfjs.gelu tfjs.gelu_new'
    }

    function Offer($words, $lead) {
        foreach ($entry in $words) {
            $text, $about = $entry -split "`t", 2
            if (-not $about) { $about = $text }
            if ($text -like ([WildcardPattern]::Escape($start) + '*')) {
                [System.Management.Automation.CompletionResult]::new($lead + $text, $text, 'ParameterValue', $about)
            }
        }
    }

    $words = @($tree.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
    $start = $word
    if ($words -contains '--') { return } # what follows are numbers
    if ($words.Count -le 1) {
        return Offer (@($commands.Keys | ForEach-Object { "$_`t$($commands[$_].help)" }) + '--help' + '--version') ''
    }
    $command = $commands[$words[1]]
    if (-not $command) { return }

    $before = $words[-1]
    $lead = ''
    if ($word -match '^(--[^=]+)=(.*)$') {
        $before, $start = $Matches[1], $Matches[2]
        $lead = "$before="
    }
    $kind = $command.options[$before]
    if (-not $kind) {
        if ($start -like '-*') {
            return Offer @($command.options.Keys | Where-Object { $_ -like '--*' }) ''
        }
        $kind = $command.argument
    }
    if ($kind -is [array]) { return Offer $kind $lead }
    if ($kind -eq 'specs' -and $start -match '^(.*,)([^,]*)$') {
        $lead += $Matches[1]
        $start = $Matches[2]
    }
    if ($kind -notlike 'spec*') { return }
    if ($start -match '^([^@]*)(@(?:.*,)?)([^,]*)$') {
        $lead += $Matches[1] + $Matches[2]
        $start = $Matches[3]
        return Offer @($parameters[$Matches[1]] | ForEach-Object { "$_=" }) $lead
    }
    if ($start -match '^(\w+)\.' -and $symbols.Contains($Matches[1])) {
        return Offer ($symbols[$Matches[1]] -split ' ') $lead
    }
    $known = @($functions.Keys | ForEach-Object { "$_`t$($functions[$_])" })
    Offer ($known + @($symbols.Keys | ForEach-Object { "$_." })) $lead
}
