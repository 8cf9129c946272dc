            // The kernel basis of some edges: two layers, and the sum over degrees where it is
            // band-limited.
            for (int unit = LOCAL_ID; unit < HIDDEN; unit += LOCAL_SIZE) {
                real sums[TILE];
                multiply(sums, basisWeights[INNER_BIAS_AT+unit], basisWeights+INNER_AT+unit, NUM_MONOMIALS, HIDDEN, monomials);
                for (int e = 0; e < n; e++) {
                    inner[e*HIDDEN+unit] = sums[e];
                    hidden[e*HIDDEN+unit] = gelu(sums[e]);
                }
            }
            SYNC_THREADS;
            for (int unit = LOCAL_ID; unit < BANDS*BASIS; unit += LOCAL_SIZE) {
                real sums[TILE];
                multiply(sums, basisWeights[OUTER_BIAS_AT+unit], basisWeights+OUTER_AT+unit, HIDDEN, BANDS*BASIS, hidden);
                for (int e = 0; e < n; e++)
                    outer[e*BANDS*BASIS+unit] = sums[e];
            }
            SYNC_THREADS;
            for (int i = LOCAL_ID; i < n*BASIS; i += LOCAL_SIZE) {
#ifdef BANDED
                const int e = i/BASIS, b = i-e*BASIS;
                real s = 0;
                for (int l = 0; l < BANDS; l++)
                    s += legendre[e*BANDS+l]*outer[(e*BANDS+l)*BASIS+b];
                basis[i] = s;
#else
                basis[i] = gelu(outer[i]);
#endif
            }
            SYNC_THREADS;
