        sums[LOCAL_ID] = energy;
        for (int step = GROUP/2; step > 0; step /= 2) {
            SYNC_THREADS;
            if (LOCAL_ID < step)
                sums[LOCAL_ID] += sums[LOCAL_ID+step];
        }
        SYNC_THREADS;
        energy = sums[0];
