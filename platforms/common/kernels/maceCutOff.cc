                    for (int i = LOCAL_ID; i < n*NUM_WEIGHTS; i += LOCAL_SIZE) {
                        const int e = i/NUM_WEIGHTS, w = e*WEIGHT_STRIDE+i-e*NUM_WEIGHTS;
                        real cutoffSlope;
                        const real cutoff = polynomialCutoff(edges[first+start+e].w, INVERSE_CUTOFF, CUTOFF_POWER, &cutoffSlope);
#ifdef MACE_DERIVATIVES
                        weights[w+NUM_WEIGHTS] = weights[w+NUM_WEIGHTS]*cutoff+weights[w]*cutoffSlope;
#endif
                        weights[w] *= cutoff;
                    }
                    SYNC_THREADS;
