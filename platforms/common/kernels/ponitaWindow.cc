/**
 * The window of a distance, and its derivative.
 */
DEVICE inline real makeWindow(real r, real* RESTRICT slope) {
#ifdef WINDOW_POWER
    return polynomialCutoff(r, INVERSE_CUTOFF, WINDOW_POWER, slope);
#else
    *slope = 0;
    return 1;
#endif
}

/**
 * How much a row of a point cloud counts that looks along an edge of length r.
 */
DEVICE inline real makeEnvelope(real r, real* RESTRICT slope) {
#ifdef LIFTED_ENVELOPE
    return makeWindow(r, slope);
#else
    *slope = 0;
    return 1;
#endif
}

/**
 * The sum that weights of an atom's rows are divided by. With envelopes there is one more, empty row.
 */
DEVICE inline real sumEnvelopes(GLOBAL const real4* RESTRICT edges, int count) {
#ifdef LIFTED_ENVELOPE
    real sum = 1, slope;
    for (int e = 0; e < count; e++)
        sum += makeEnvelope(edges[e].w, &slope);
    return sum;
#else
    return count;
#endif
}
