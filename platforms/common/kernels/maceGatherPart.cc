                makeCouplings(3*n, FIRST_TARGET, NUM_TARGETS, targetFirst, targetHarmonic, targetValue, harmonics, couplings);
                SYNC_THREADS;
                for (int e = 0; e < n; e++) {
                    real radial = 0, tangent1 = 0, tangent2 = 0;
                    if (k < CHANNELS) {
                        GLOBAL const real* RESTRICT a = messageAdjoints+rows[e]+k;
                        GLOBAL const real* RESTRICT t = table+knots[e]+k;
                        const int w = e*WEIGHT_STRIDE;
                        MAKE_FUNCTIONS
                        ADD_PATHS
                    }
                    sums[(3*e)*GROUP+LOCAL_ID] ADD radial;
                    sums[(3*e+1)*GROUP+LOCAL_ID] ADD tangent1;
                    sums[(3*e+2)*GROUP+LOCAL_ID] ADD tangent2;
                }
                SYNC_THREADS;
