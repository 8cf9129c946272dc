        for (int u = LOCAL_ID; u < NUM_UNITS; u += LOCAL_SIZE) {
            HIDDEN_UNIT
            energy += readout[u]*ACTIVATION;
        }
        SUM_UP
