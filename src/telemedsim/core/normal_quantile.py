"""The quantile of the standard normal distribution: Wichura's AS 241, routine PPND16.

Wichura, "The percentage points of the normal distribution", Applied Statistics 37 (1988),
477-484: about 16 digits. Written out so that compiled code runs the same text, to the bit; on the
machines tried it is also what ``statistics.NormalDist().inv_cdf`` gives.
"""

import math

from telemedsim.core.compiled import compiled


@compiled
def normal_quantile(probability: float) -> float:
    """Return the standard normal quantile of a probability in (0, 1).

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    q = probability - 0.5
    if math.fabs(q) <= 0.425:
        return central_quantile(q)
    tail = probability if q <= 0.0 else 1.0 - probability
    r = math.sqrt(-math.log(tail))
    x = near_tail_quantile(r - 1.6) if r <= 5.0 else far_tail_quantile(r - 5.0)
    return -x if q < 0.0 else x


@compiled
def central_quantile(q: float) -> float:
    """Return the quantile of 0.5 + q, q between -0.425 and 0.425."""
    r = 0.180625 - q * q
    numerator = 2.50908092873012267270e3 * r + 3.34305755835881281050e4
    numerator = numerator * r + 6.72657709270087008530e4
    numerator = numerator * r + 4.59219539315498714570e4
    numerator = numerator * r + 1.37316937655094611250e4
    numerator = numerator * r + 1.97159095030655144270e3
    numerator = numerator * r + 1.33141667891784377450e2
    numerator = numerator * r + 3.38713287279636660800e0
    denominator = 5.22649527885285456100e3 * r + 2.87290857357219426740e4
    denominator = denominator * r + 3.93078958000927106100e4
    denominator = denominator * r + 2.12137943015865958670e4
    denominator = denominator * r + 5.39419602142475110770e3
    denominator = denominator * r + 6.87187007492057908300e2
    denominator = denominator * r + 4.23133307016009112520e1
    denominator = denominator * r + 1.0
    return numerator * q / denominator


@compiled
def near_tail_quantile(r: float) -> float:
    """Return minus the quantile of a tail p; r = sqrt(-ln p) - 1.6, up to 3.4."""
    numerator = 7.74545014278341407640e-4 * r + 2.27238449892691845833e-2
    numerator = numerator * r + 2.41780725177450611770e-1
    numerator = numerator * r + 1.27045825245236838258e0
    numerator = numerator * r + 3.64784832476320460504e0
    numerator = numerator * r + 5.76949722146069140550e0
    numerator = numerator * r + 4.63033784615654529590e0
    numerator = numerator * r + 1.42343711074968357734e0
    denominator = 1.05075007164441684324e-9 * r + 5.47593808499534494600e-4
    denominator = denominator * r + 1.51986665636164571966e-2
    denominator = denominator * r + 1.48103976427480074590e-1
    denominator = denominator * r + 6.89767334985100004550e-1
    denominator = denominator * r + 1.67638483018380384940e0
    denominator = denominator * r + 2.05319162663775882187e0
    denominator = denominator * r + 1.0
    return numerator / denominator


@compiled
def far_tail_quantile(r: float) -> float:
    """Return minus the quantile of a tail p below e^-25; r = sqrt(-ln p) - 5."""
    numerator = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
    numerator = numerator * r + 1.24266094738807843860e-3
    numerator = numerator * r + 2.65321895265761230930e-2
    numerator = numerator * r + 2.96560571828504891230e-1
    numerator = numerator * r + 1.78482653991729133580e0
    numerator = numerator * r + 5.46378491116411436990e0
    numerator = numerator * r + 6.65790464350110377720e0
    denominator = 2.04426310338993978564e-15 * r + 1.42151175831644588870e-7
    denominator = denominator * r + 1.84631831751005468180e-5
    denominator = denominator * r + 7.86869131145613259100e-4
    denominator = denominator * r + 1.48753612908506148525e-2
    denominator = denominator * r + 1.36929880922735805310e-1
    denominator = denominator * r + 5.99832206555887937690e-1
    denominator = denominator * r + 1.0
    return numerator / denominator
