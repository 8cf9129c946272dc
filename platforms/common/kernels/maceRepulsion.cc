/**
 * The repulsion of nuclei (Ziegler, Biersack and Littmark): sets the energies of the atoms and the
 * gradients of the edges. pairConstants holds, for two elements, half the Coulomb constant times
 * the charges (eV Å), 1/a (1/Å) and the sum of the radii (Å).
 */
KERNEL void repel(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status, GLOBAL const int* RESTRICT species,
        GLOBAL const real4* RESTRICT pairConstants, GLOBAL mixed* RESTRICT atomEnergies,
        GLOBAL real4* RESTRICT gradients, mixed scale) {
    const int numAtoms = status[ATOM_COUNT];
    const int capacity = status[CAPACITY];
    for (int i = GLOBAL_ID; i < numAtoms; i += GLOBAL_SIZE) {
        mixed energy = 0;
        for (int n = i*capacity; n < i*capacity+edgeCounts[i]; n++) {
            const real4 edge = edges[n], pair = pairConstants[species[i]*NUM_SPECIES+species[senders[n]]];
            const real r = edge.w;
            real phi = 0, phiSlope = 0, cutoffSlope;
            const real cutoff = polynomialCutoff(r, 1/pair.z, ZBL_POWER, &cutoffSlope);
            ZBL_TERMS
            const real value = pair.x*phi/r*cutoff;
            const real slope = pair.x*((phiSlope-phi/r)*cutoff+phi*cutoffSlope)/r;
            energy += value;
            gradients[n] = make_real4(-(real) scale*slope*edge.x, -(real) scale*slope*edge.y, -(real) scale*slope*edge.z, 0);
        }
        atomEnergies[i] = scale*energy;
    }
}
