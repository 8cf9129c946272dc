                for (int i = LOCAL_ID; i < n*3*NUM_TARGETS; i += LOCAL_SIZE) {
                    const int row = i/NUM_TARGETS, target = i-row*NUM_TARGETS;
                    real value = 0;
                    for (int j = targetFirst[FIRST_TARGET+target]; j < targetFirst[FIRST_TARGET+target+1]; j++)
                        value += targetValue[j]*harmonics[row*NUM_LM+targetHarmonic[j]];
                    couplings[row*MAX_TARGETS+target] = value;
                }
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
