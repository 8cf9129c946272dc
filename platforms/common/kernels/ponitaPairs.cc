// The attributes of an edge and an orientation, and what kernels are polynomials of.

DEVICE inline real makeWindow(real r, real* RESTRICT slope) {
#ifdef WINDOW_POWER
    return polynomialCutoff(r, INVERSE_CUTOFF, WINDOW_POWER, slope);
#else
    *slope = 0;
    return 1;
#endif
}

/**
 * The attributes of v (and its length in w) at a receiver's orientation.
 */
DEVICE inline void makeAttributes(real4 v, real4 n, real* RESTRICT attributes) {
#if !defined(DIRECTED)
    attributes[0] = v.w;
#elif defined(BANDED)
    attributes[0] = v.w;
    attributes[1] = (v.x*n.x+v.y*n.y+v.z*n.z)/v.w;
#else
    const real a = v.x*n.x+v.y*n.y+v.z*n.z;
    attributes[0] = a;
#ifdef PLANAR
    attributes[1] = v.y*n.x-v.x*n.y;
#else
    const real x = v.x-a*n.x, y = v.y-a*n.y, z = v.z-a*n.z;
    attributes[1] = SQRT(x*x+y*y+z*z+SMOOTH_DELTA*SMOOTH_DELTA)-SMOOTH_DELTA;
#endif
#endif
}

/**
 * From dE/d(attributes) to dE/dv.
 */
DEVICE inline real4 pullBackAttributes(real4 v, real4 n, const real* RESTRICT adjoint) {
#if !defined(DIRECTED)
    const real s = adjoint[0]/v.w;
    return make_real4(s*v.x, s*v.y, s*v.z, 0);
#elif defined(BANDED)
    const real c = (v.x*n.x+v.y*n.y+v.z*n.z)/v.w, across = adjoint[1]/v.w, along = (adjoint[0]-across*c)/v.w;
    return make_real4(along*v.x+across*n.x, along*v.y+across*n.y, along*v.z+across*n.z, 0);
#elif defined(PLANAR)
    return make_real4(adjoint[0]*n.x-adjoint[1]*n.y, adjoint[0]*n.y+adjoint[1]*n.x, 0, 0);
#else
    const real a = v.x*n.x+v.y*n.y+v.z*n.z;
    const real x = v.x-a*n.x, y = v.y-a*n.y, z = v.z-a*n.z;
    const real root = SQRT(x*x+y*y+z*z+SMOOTH_DELTA*SMOOTH_DELTA);
    const real s = root > 0 ? adjoint[1]/root : 0; // the derivative of a norm at zero is 0
    const real rest = s*(x*n.x+y*n.y+z*n.z); // n is normalized to single precision only
    const real along = adjoint[0]-rest;
    return make_real4(along*n.x+s*x, along*n.y+s*y, along*n.z+s*z, 0);
#endif
}

/**
 * The monomials of an edge and its window, and for band-limited kernels the Legendre polynomials.
 */
DEVICE inline void makePair(real4 v, real4 n, LOCAL_ARG real* RESTRICT monomials, LOCAL_ARG real* RESTRICT legendre) {
    real attributes[2], m[NUM_MONOMIALS];
    makeAttributes(v, n, attributes);
    for (int c = 0; c < NUM_MONOMIALS; c++) {
        m[c] = c < NUM_ATTRIBUTES ? attributes[c] : m[c/NUM_ATTRIBUTES-1]*attributes[c%NUM_ATTRIBUTES];
        monomials[c] = m[c];
    }
#ifdef BANDED
    legendre[0] = 1;
    for (int l = 1; l < BANDS; l++)
        legendre[l] = ((2*l-1)*attributes[1]*legendre[l-1]-(l > 1 ? (l-1)*legendre[l-2] : 0))/l;
#endif
}

#ifdef PONITA_DERIVATIVES
/**
 * From dE/d(monomials), and dE/d(Legendre polynomials) of band-limited kernels, to dE/dv.
 */
DEVICE inline real4 pullBackPair(real4 v, real4 n, LOCAL_ARG const real* RESTRICT monomials,
        LOCAL_ARG const real* RESTRICT monomialAdjoints, LOCAL_ARG const real* RESTRICT legendre,
        LOCAL_ARG const real* RESTRICT legendreAdjoints) {
    real adjoint[2] = {0, 0}, m[NUM_MONOMIALS];
    for (int c = 0; c < NUM_MONOMIALS; c++)
        m[c] = monomialAdjoints[c];
    for (int c = NUM_MONOMIALS-1; c >= NUM_ATTRIBUTES; c--) {
        m[c/NUM_ATTRIBUTES-1] += m[c]*monomials[c%NUM_ATTRIBUTES];
        adjoint[c%NUM_ATTRIBUTES] += m[c]*monomials[c/NUM_ATTRIBUTES-1];
    }
    for (int c = 0; c < NUM_ATTRIBUTES; c++)
        adjoint[c] += m[c];
#ifdef BANDED
    const real cosine = (v.x*n.x+v.y*n.y+v.z*n.z)/v.w;
    real slope = 0;
    for (int l = 1; l < BANDS; l++) {
        slope = cosine*slope+l*legendre[l-1];
        adjoint[1] += slope*legendreAdjoints[l];
    }
#endif
    return pullBackAttributes(v, n, adjoint);
}
#endif
