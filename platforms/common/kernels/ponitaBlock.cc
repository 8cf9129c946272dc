// What the rows of an atom do for themselves: the convolution over orientations, LayerNorm, the
// mixing of channels and the readout. A work-group for TILE rows.

KERNEL void block(GLOBAL const int* RESTRICT species, GLOBAL const int* RESTRICT edgeCounts,
        GLOBAL const int* RESTRICT status, GLOBAL const real4* RESTRICT directions, GLOBAL const real* RESTRICT features,
        GLOBAL const real* RESTRICT convolved, GLOBAL const real* RESTRICT weights, GLOBAL real* RESTRICT normalized,
        GLOBAL real* RESTRICT inverseWidths, GLOBAL real* RESTRICT result, GLOBAL mixed* RESTRICT rowEnergies,
        mixed start, int isFirst, int layer) {
    const int rowsPerAtom = ROWS_PER_ATOM, numRows = status[ATOM_COUNT]*rowsPerAtom;
    const size_t layerSize = (size_t) numRows*CHANNELS;
    features += INPUT_LAYER*layerSize;
    normalized += layer*layerSize;
    inverseWidths += layer*(size_t) numRows;
    result += layer*layerSize;
    LOCAL real x[TILE*CHANNELS], wide[TILE*WIDE], partial[TILE*SUM_PARTS];
    for (int base = GROUP_ID*TILE; base < numRows; base += NUM_GROUPS*TILE) {
        const int n = min(TILE, numRows-base);
#ifdef CLOUD
        // Atoms have different numbers of rows. What is in the place of one that is not there is read by nobody.
        int numUsed = 0;
        for (int row = base; row < base+n; row++)
            numUsed += row%rowsPerAtom < edgeCounts[row/rowsPerAtom];
        if (numUsed == 0)
            continue;
#endif
        for (int i = LOCAL_ID; i < n*CHANNELS; i += LOCAL_SIZE) {
            const int row = base+i/CHANNELS, k = i%CHANNELS;
            real sum = weights[BIAS_AT+k];
#ifdef GRID
            const int atom = row/ORIENTATIONS, p = row-atom*ORIENTATIONS;
            for (int o = 0; o < ORIENTATIONS; o++)
                sum += weights[FIBER_AT+(o*ORIENTATIONS+p)*CHANNELS+k]*convolved[(atom*ORIENTATIONS+o)*CHANNELS+k];
#else
            sum += convolved[row*CHANNELS+k];
#endif
            x[i] = sum;
        }
        SYNC_THREADS;
        for (int i = LOCAL_ID; i < n*SUM_PARTS; i += LOCAL_SIZE) {
            real sum = 0;
            for (int k = i%SUM_PARTS; k < CHANNELS; k += SUM_PARTS)
                sum += x[i/SUM_PARTS*CHANNELS+k];
            partial[i] = sum;
        }
        SYNC_THREADS;
        for (int i = LOCAL_ID; i < n*CHANNELS; i += LOCAL_SIZE)
            x[i] -= sumOfParts(&partial[i/CHANNELS*SUM_PARTS])/CHANNELS;
        SYNC_THREADS;
        for (int i = LOCAL_ID; i < n*SUM_PARTS; i += LOCAL_SIZE) {
            real sum = 0;
            for (int k = i%SUM_PARTS; k < CHANNELS; k += SUM_PARTS)
                sum += x[i/SUM_PARTS*CHANNELS+k]*x[i/SUM_PARTS*CHANNELS+k];
            partial[i] = sum;
        }
        SYNC_THREADS;
        for (int i = LOCAL_ID; i < n*CHANNELS; i += LOCAL_SIZE) {
            const real inverse = 1/SQRT(sumOfParts(&partial[i/CHANNELS*SUM_PARTS])/CHANNELS+NORM_EPSILON);
            x[i] *= inverse;
            normalized[base*CHANNELS+i] = x[i];
            if (i%CHANNELS == 0)
                inverseWidths[base+i/CHANNELS] = inverse;
        }
        SYNC_THREADS;
        for (int unit = LOCAL_ID; unit < WIDE; unit += LOCAL_SIZE) {
            real sums[TILE];
            multiply(sums, weights[BIAS1_AT+unit], weights+LINEAR1_AT+unit, CHANNELS, WIDE, x);
            for (int r = 0; r < n; r++)
                wide[r*WIDE+unit] = gelu(sums[r]);
        }
        SYNC_THREADS;
        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
            real sums[TILE];
            multiply(sums, weights[BIAS2_AT+k], weights+LINEAR2_AT+k, WIDE, CHANNELS, wide);
            for (int r = 0; r < n; r++) {
                const int row = base+r;
                const real value = features[(FEATURE_ROW)*CHANNELS+k]+sums[r];
                result[row*CHANNELS+k] = value;
                x[r*CHANNELS+k] = value;
            }
        }
        SYNC_THREADS;
        for (int i = LOCAL_ID; i < n*SUM_PARTS; i += LOCAL_SIZE) {
            real sum = 0;
#ifdef HAS_READOUT
            for (int k = i%SUM_PARTS; k < CHANNELS; k += SUM_PARTS)
                sum += weights[READOUT_AT+k]*x[i/SUM_PARTS*CHANNELS+k];
#endif
            partial[i] = sum;
        }
        SYNC_THREADS;
        for (int r = LOCAL_ID; r < n; r += LOCAL_SIZE) {
            mixed energy = isFirst ? start : rowEnergies[base+r];
#ifdef HAS_READOUT
            const mixed sum = weights[READOUT_AT+CHANNELS]+sumOfParts(&partial[r*SUM_PARTS]);
            energy += READOUT_SHARE*READOUT_WEIGHT*sum;
#endif
            rowEnergies[base+r] = energy;
        }
        SYNC_THREADS;
    }
}
