// The reverse of the block kernel, from the adjoints of its result to those of the convolution over
// neighbors, which take the place of the normalized features. A work-group an atom, since its
// orientations meet.

KERNEL void blockBack(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const real4* RESTRICT edges,
        GLOBAL const int* RESTRICT status, GLOBAL const real4* RESTRICT directions,
        GLOBAL const real* RESTRICT weights, GLOBAL real* RESTRICT normalized,
        GLOBAL const real* RESTRICT inverseWidths, GLOBAL real* RESTRICT featureAdjoint,
        GLOBAL real* RESTRICT fiberAdjoint, int layer) {
    const int numAtoms = status[ATOM_COUNT], rowsPerAtom = ROWS_PER_ATOM;
    normalized += layer*((size_t) numAtoms*rowsPerAtom*CHANNELS);
    inverseWidths += layer*((size_t) numAtoms*rowsPerAtom);
    LOCAL real x[TILE*CHANNELS], adjoint[TILE*CHANNELS], wide[TILE*WIDE], sums1[TILE*SUM_PARTS], sums2[TILE*SUM_PARTS];
    LOCAL real shares[TILE];
    for (int atom = GROUP_ID; atom < numAtoms; atom += NUM_GROUPS) {
#ifdef CLOUD
        const int count = edgeCounts[atom];
        const real total = sumEnvelopes(edges+atom*rowsPerAtom, count);
#else
        const int count = ORIENTATIONS;
#endif
        for (int start = 0; start < count; start += TILE) {
            const int n = min(TILE, count-start), base = atom*rowsPerAtom+start;
            if (LOCAL_ID < n) {
#ifdef CLOUD
                real slope;
                shares[LOCAL_ID] = READOUT_SHARE*makeEnvelope(edges[base+LOCAL_ID].w, &slope)/total;
#else
                shares[LOCAL_ID] = READOUT_SHARE*directions[start+LOCAL_ID].w;
#endif
            }
            SYNC_THREADS;
            for (int i = LOCAL_ID; i < n*CHANNELS; i += LOCAL_SIZE) {
                x[i] = normalized[base*CHANNELS+i];
#ifdef IS_LAST
                real value = 0;
#else
                real value = featureAdjoint[base*CHANNELS+i];
#endif
#ifdef HAS_READOUT
                value += shares[i/CHANNELS]*weights[READOUT_AT+i%CHANNELS];
#endif
                featureAdjoint[base*CHANNELS+i] = value;
                adjoint[i] = value;
            }
            SYNC_THREADS;
            for (int unit = LOCAL_ID; unit < WIDE; unit += LOCAL_SIZE) {
                real sums[TILE], slopes[TILE];
                multiply(sums, weights[BIAS1_AT+unit], weights+LINEAR1_AT+unit, CHANNELS, WIDE, x);
                multiply(slopes, 0, weights+LINEAR2_BACK_AT+unit, CHANNELS, WIDE, adjoint);
                for (int r = 0; r < n; r++)
                    wide[r*WIDE+unit] = geluSlope(sums[r])*slopes[r];
            }
            SYNC_THREADS;
            for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
                real sums[TILE];
                multiply(sums, 0, weights+LINEAR1_BACK_AT+k, WIDE, CHANNELS, wide);
                for (int r = 0; r < n; r++)
                    adjoint[r*CHANNELS+k] = sums[r];
            }
            SYNC_THREADS;
            for (int i = LOCAL_ID; i < n*SUM_PARTS; i += LOCAL_SIZE) {
                real sum = 0, product = 0;
                for (int k = i%SUM_PARTS; k < CHANNELS; k += SUM_PARTS) {
                    const real value = adjoint[i/SUM_PARTS*CHANNELS+k];
                    sum += value;
                    product += value*x[i/SUM_PARTS*CHANNELS+k];
                }
                sums1[i] = sum;
                sums2[i] = product;
            }
            SYNC_THREADS;
            for (int i = LOCAL_ID; i < n*CHANNELS; i += LOCAL_SIZE) {
                const real sum = sumOfParts(&sums1[i/CHANNELS*SUM_PARTS]);
                const real product = sumOfParts(&sums2[i/CHANNELS*SUM_PARTS]);
                BLOCK_RESULT[base*CHANNELS+i] =
                        inverseWidths[base+i/CHANNELS]*(adjoint[i]-(sum+x[i]*product)/CHANNELS);
            }
            SYNC_THREADS;
        }
#ifdef GRID
        for (int i = LOCAL_ID; i < ORIENTATIONS*CHANNELS; i += LOCAL_SIZE) {
            const int o = i/CHANNELS, k = i-o*CHANNELS;
            real sum = 0;
            for (int p = 0; p < ORIENTATIONS; p++)
                sum += weights[FIBER_AT+(o*ORIENTATIONS+p)*CHANNELS+k]*fiberAdjoint[(atom*ORIENTATIONS+p)*CHANNELS+k];
            normalized[atom*ORIENTATIONS*CHANNELS+i] = sum;
        }
        SYNC_THREADS;
#endif
    }
}
