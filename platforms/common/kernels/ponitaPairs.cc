// Pairs of rows, one of them that of a work-group: which there are, their attributes, and what
// kernels are polynomials of.

/**
 * The other end of a pair: the entry of the edge that leads there, -1 within the atom, to which a
 * point cloud joins itself after its last edge; the atom and the row there.
 */
typedef struct {
    int entry, atom, row;
} PairEnd;

/**
 * How many pairs a row makes.
 */
DEVICE inline int countPairs(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders, int atom, int first) {
    int sum = edgeCounts[atom];
#ifdef CLOUD
    const int count = sum;
    for (int e = 0; e < count; e++)
        sum += edgeCounts[senders[first+e]];
#endif
    return sum;
}

/**
 * The other end of the pair of that number of the row at `place` of an atom.
 */
DEVICE inline PairEnd findPair(int number, int place, GLOBAL const int* RESTRICT edgeCounts,
        GLOBAL const int* RESTRICT senders, int atom, int first, int rowsPerAtom) {
    const int count = edgeCounts[atom];
    int edge = number, otherPlace = place;
#ifdef CLOUD
    edge = 0;
    otherPlace = number;
    while (edge <= count) {
        const int rows = edgeCounts[edge < count ? senders[first+edge] : atom];
        if (otherPlace < rows)
            break;
        otherPlace -= rows;
        edge++;
    }
#endif
    PairEnd other;
    other.entry = edge < count ? first+edge : -1;
    other.atom = other.entry < 0 ? atom : senders[other.entry];
    other.row = other.atom*rowsPerAtom+otherPlace;
    return other;
}

/**
 * The orientation of a row of a point cloud, which looks along an edge; in w the edge's length.
 */
DEVICE inline real4 lookAlong(real4 edge) {
    return make_real4(-edge.x, -edge.y, -edge.z, edge.w);
}

typedef struct {
    real4 v;                // sender minus receiver, and its length
    real4 receiver, sender; // orientations
    real window, windowSlope, envelope;
} Pair;

/**
 * @param entry     of the edge at the atom whose row has the orientation `own`, or -1 within the atom
 * @param isSender  whether that row is the sender
 */
DEVICE inline Pair makePair(GLOBAL const real4* RESTRICT edges, int entry, int otherRow, real4 own, int isSender) {
    const real4 edge = entry < 0 ? make_real4(0, 0, 0, 0) : edges[entry];
    const real length = isSender ? edge.w : -edge.w;
#ifdef CLOUD
    const real4 other = lookAlong(edges[otherRow]);
#else
    const real4 other = own;
#endif
    Pair pair;
    pair.v = make_real4(length*edge.x, length*edge.y, length*edge.z, edge.w);
    pair.receiver = isSender ? other : own;
    pair.sender = isSender ? own : other;
    pair.window = makeWindow(edge.w, &pair.windowSlope);
    real slope;
    pair.envelope = makeEnvelope(pair.sender.w, &slope);
    return pair;
}

DEVICE inline real project(real4 v, real4 n) {
    return v.x*n.x+v.y*n.y+v.z*n.z;
}

DEVICE inline void makeAttributes(Pair pair, real* RESTRICT attributes) {
    const real4 v = pair.v, n = pair.receiver;
#if !defined(DIRECTED)
    attributes[0] = v.w;
#elif defined(BANDED)
    attributes[0] = v.w;
    attributes[1] = project(v, n)/v.w;
#else
    const real a = project(v, n);
    attributes[0] = a;
#ifdef PLANAR
    attributes[1] = v.y*n.x-v.x*n.y;
#else
    const real x = v.x-a*n.x, y = v.y-a*n.y, z = v.z-a*n.z;
    attributes[1] = SQRT(x*x+y*y+z*z+SMOOTH_DELTA*SMOOTH_DELTA)-SMOOTH_DELTA;
#endif
#ifdef CLOUD
    attributes[2] = project(n, pair.sender);
#endif
#endif
}

/**
 * The monomials of a pair, and for band-limited kernels the Legendre polynomials.
 */
DEVICE inline void makeMonomials(Pair pair, LOCAL_ARG real* RESTRICT monomials, LOCAL_ARG real* RESTRICT legendre) {
    real attributes[3], m[NUM_MONOMIALS];
    makeAttributes(pair, attributes);
    for (int c = 0; c < NUM_MONOMIALS; c++) {
        m[c] = c < NUM_ATTRIBUTES ? attributes[c] : m[c/NUM_ATTRIBUTES-1]*attributes[c%NUM_ATTRIBUTES];
        monomials[c] = m[c];
    }
#ifdef BANDED
    legendre[0] = 1;
    for (int l = 1; l < BANDS; l++)
        legendre[l] = ((2*l-1)*attributes[1]*legendre[l-1]-(l > 1 ? (l-1)*legendre[l-2] : 0))/l;
#endif
}

#ifdef PONITA_DERIVATIVES
/**
 * From dE/d(attributes) to dE/dv, and in a point cloud to the derivative by the orientation of the
 * sender or the receiver.
 */
DEVICE inline real4 pullBackAttributes(Pair pair, const real* RESTRICT adjoint, int isSender, real4* RESTRICT byOrientation) {
    const real4 v = pair.v, n = pair.receiver;
#if !defined(DIRECTED)
    const real s = adjoint[0]/v.w;
    return make_real4(s*v.x, s*v.y, s*v.z, 0);
#elif defined(BANDED)
    const real c = project(v, n)/v.w, across = adjoint[1]/v.w, along = (adjoint[0]-across*c)/v.w;
    return make_real4(along*v.x+across*n.x, along*v.y+across*n.y, along*v.z+across*n.z, 0);
#elif defined(PLANAR)
    return make_real4(adjoint[0]*n.x-adjoint[1]*n.y, adjoint[0]*n.y+adjoint[1]*n.x, 0, 0);
#else
    const real a = project(v, n);
    const real x = v.x-a*n.x, y = v.y-a*n.y, z = v.z-a*n.z;
    const real root = SQRT(x*x+y*y+z*z+SMOOTH_DELTA*SMOOTH_DELTA);
    const real s = root > 0 ? adjoint[1]/root : 0; // the derivative of a norm at zero is 0
    const real rest = s*(x*n.x+y*n.y+z*n.z); // n is normalized to single precision only
    const real along = adjoint[0]-rest;
#ifdef CLOUD
    const real4 m = pair.sender;
    if (isSender)
        *byOrientation = make_real4(adjoint[2]*n.x, adjoint[2]*n.y, adjoint[2]*n.z, 0);
    else
        *byOrientation = make_real4(along*v.x-a*s*x+adjoint[2]*m.x, along*v.y-a*s*y+adjoint[2]*m.y,
                along*v.z-a*s*z+adjoint[2]*m.z, 0);
#endif
    return make_real4(along*n.x+s*x, along*n.y+s*y, along*n.z+s*z, 0);
#endif
}

/**
 * The same from dE/d(monomials), and dE/d(Legendre polynomials) of band-limited kernels.
 */
DEVICE inline real4 pullBackPair(Pair pair, LOCAL_ARG const real* RESTRICT monomials,
        LOCAL_ARG const real* RESTRICT monomialAdjoints, LOCAL_ARG const real* RESTRICT legendre,
        LOCAL_ARG const real* RESTRICT legendreAdjoints, int isSender, real4* RESTRICT byOrientation) {
    real adjoint[3] = {0, 0, 0}, m[NUM_MONOMIALS];
    for (int c = 0; c < NUM_MONOMIALS; c++)
        m[c] = monomialAdjoints[c];
    for (int c = NUM_MONOMIALS-1; c >= NUM_ATTRIBUTES; c--) {
        m[c/NUM_ATTRIBUTES-1] += m[c]*monomials[c%NUM_ATTRIBUTES];
        adjoint[c%NUM_ATTRIBUTES] += m[c]*monomials[c/NUM_ATTRIBUTES-1];
    }
    for (int c = 0; c < NUM_ATTRIBUTES; c++)
        adjoint[c] += m[c];
#ifdef BANDED
    const real cosine = project(pair.v, pair.receiver)/pair.v.w;
    real slope = 0;
    for (int l = 1; l < BANDS; l++) {
        slope = cosine*slope+l*legendre[l-1];
        adjoint[1] += slope*legendreAdjoints[l];
    }
#endif
    return pullBackAttributes(pair, adjoint, isSender, byOrientation);
}
#endif
