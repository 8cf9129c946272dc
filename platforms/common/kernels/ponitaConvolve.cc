// The convolution over neighbors: one work-group for a row. As the sender of its pairs, a row
// collects the adjoint of its features from the adjoints of results.

KERNEL void convolve(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status, GLOBAL const int* RESTRICT species,
        GLOBAL const real4* RESTRICT directions, GLOBAL const real* RESTRICT basisWeights,
        GLOBAL const real* RESTRICT kernels, GLOBAL const real* RESTRICT x, GLOBAL real* RESTRICT result,
        int firstDirection, int layer) {
    const int capacity = status[CAPACITY], rowsPerAtom = ROWS_PER_ATOM, numRows = status[ATOM_COUNT]*rowsPerAtom;
    kernels += layer*KERNEL_SIZE;
    x += INPUT_LAYER*((size_t) numRows*CHANNELS);
    LOCAL real monomials[TILE*NUM_MONOMIALS], legendre[TILE*BANDS], inner[TILE*HIDDEN], hidden[TILE*HIDDEN];
    LOCAL real outer[TILE*BANDS*BASIS], basis[TILE*BASIS], windows[TILE];
    LOCAL int rows[TILE];
    for (int row = GROUP_ID; row < numRows; row += NUM_GROUPS) {
        const int atom = row/rowsPerAtom, place = row-atom*rowsPerAtom, first = atom*capacity;
#ifdef CLOUD
        if (place >= edgeCounts[atom])
            continue;
#endif
        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
#ifdef CLOUD
            const real self = 0; // it is among the pairs
#else
            const real self = kernels[SELF_AT+k]*x[(OWN_ROW)*CHANNELS+k];
#endif
            result[row*CHANNELS+k] = IS_SENDER ? result[row*CHANNELS+k]+self : self;
        }
        const real4 own = OWN_ORIENTATION;
        const int numPairs = countPairs(edgeCounts, senders, atom, first);
        for (int start = 0; start < numPairs; start += TILE) {
            const int n = min(TILE, numPairs-start);
            SYNC_THREADS;
            if (LOCAL_ID < n) {
                const PairEnd other = findPair(start+LOCAL_ID, place, edgeCounts, senders, atom, first, rowsPerAtom);
                const Pair pair = makePair(edges, other.entry, other.row, own, IS_SENDER);
                windows[LOCAL_ID] = pair.window*pair.envelope;
                rows[LOCAL_ID] = OTHER_ROW;
                makeMonomials(pair, &monomials[LOCAL_ID*NUM_MONOMIALS], &legendre[LOCAL_ID*BANDS]);
            }
            SYNC_THREADS;
MAKE_BASIS
            for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
                real sums[TILE];
                multiply(sums, 0, kernels+k, BASIS, CHANNELS, basis);
                real sum = 0;
                for (int e = 0; e < n; e++)
                    sum += windows[e]*sums[e]*x[rows[e]*CHANNELS+k];
                result[row*CHANNELS+k] += sum;
            }
        }
    }
}
