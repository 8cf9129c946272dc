/**
 * The polynomial cutoff 1-(p+1)(p+2)/2 u^p+p(p+2)u^(p+1)-p(p+1)/2 u^(p+2) of u = r*inverse, and its
 * derivative by r; 0 from u = 1 on.
 */
DEVICE inline real polynomialCutoff(real r, real inverse, int p, real* RESTRICT slope) {
    const real u = r*inverse;
    if (u >= 1) {
        *slope = 0;
        return 0;
    }
    real power = 1; // u^(p-1)
    for (int i = 1; i < p; i++)
        power *= u;
    *slope = -(p*(p+1)*(p+2)/2)*power*(1-u)*(1-u)*inverse;
    return 1-power*u*((p+1)*(p+2)/2-u*(p*(p+2)-u*(p*(p+1)/2)));
}
