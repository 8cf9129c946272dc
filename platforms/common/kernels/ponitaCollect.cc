// From the rows of a point cloud to atoms and edges: the mean of an atom's rows is its energy. A
// work-group an atom.

KERNEL void collect(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const real4* RESTRICT edges,
        GLOBAL const int* RESTRICT status, GLOBAL const mixed* RESTRICT rowEnergies,
        GLOBAL const real4* RESTRICT rowGradients, GLOBAL mixed* RESTRICT atomEnergies,
        GLOBAL real4* RESTRICT gradients, mixed start, int withGradients) {
    const int numAtoms = status[ATOM_COUNT], capacity = status[CAPACITY];
    for (int atom = GROUP_ID; atom < numAtoms; atom += NUM_GROUPS) {
        const int first = atom*capacity, count = edgeCounts[atom];
        const mixed total = sumEnvelopes(edges+first, count);
        mixed mean = 0;
        real slope;
        for (int p = first; p < first+count; p++)
            mean += makeEnvelope(edges[p].w, &slope)/total*rowEnergies[p];
        if (LOCAL_ID == 0)
            atomEnergies[atom] = start+mean;
        for (int p = first+LOCAL_ID; withGradients && p < first+count; p += LOCAL_SIZE) {
            real4 sum = gradients[p];
            for (int q = 0; q < count; q++) {
                const real4 part = rowGradients[p*capacity+q];
                sum.x += part.x;
                sum.y += part.y;
                sum.z += part.z;
            }
            const real4 edge = edges[p];
            makeEnvelope(edge.w, &slope);
            const real along = slope*(real) ((rowEnergies[p]-mean)/total);
            sum.x -= along*edge.x;
            sum.y -= along*edge.y;
            sum.z -= along*edge.z;
            gradients[p] = sum;
        }
    }
}
