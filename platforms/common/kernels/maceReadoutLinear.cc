        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE)
            energy += readout[k]*h[atom*NUM_OUTPUTS*CHANNELS+k];
        SUM_UP
