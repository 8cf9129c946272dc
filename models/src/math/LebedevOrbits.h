// SPDX-License-Identifier: MIT
//
// Lebedev's rules of degree 3 to 25 as orbits of the octahedral group: kind, total weight of the
// orbit (all weights of a rule add up to 1) and up to two coordinates. Written by
// make_lebedev_orbits.py, which starts from SciPy's rules and solves the moment equations to 40
// digits.
#pragma once

#include <vector>

namespace equivariant {

/// Vertex (0,0,1); Edge (0,1,1)/sqrt2; Face (1,1,1)/sqrt3; Pq0 (0,p,q); Llm (l,l,m); Rsw (r,s,w).
enum class OrbitKind { Vertex, Edge, Face, Pq0, Llm, Rsw };

struct Orbit {
    OrbitKind kind;
    double weight, p, q;
};

struct LebedevRule {
    int degree;
    std::vector<Orbit> orbits;
};

inline const LebedevRule lebedevRules[] = {
    {3, {{OrbitKind::Vertex, 1.0, 0, 0}}},
    {5, {{OrbitKind::Vertex, 0.4, 0, 0}, {OrbitKind::Face, 0.6, 0, 0}}},
    {7,
     {{OrbitKind::Vertex, 0.285714285714285714, 0, 0},
      {OrbitKind::Edge, 0.457142857142857143, 0, 0},
      {OrbitKind::Face, 0.257142857142857143, 0, 0}}},
    {9,
     {{OrbitKind::Vertex, 0.0571428571428571429, 0, 0},
      {OrbitKind::Face, 0.257142857142857143, 0, 0},
      {OrbitKind::Pq0, 0.685714285714285714, 0.459700843380983061, 0}}},
    {11,
     {{OrbitKind::Vertex, 0.0761904761904761905, 0, 0},
      {OrbitKind::Edge, 0.270899470899470899, 0, 0},
      {OrbitKind::Face, 0.16875, 0, 0},
      {OrbitKind::Llm, 0.48416005291005291, 0.301511344577763623, 0}}},
    {13,
     {{OrbitKind::Vertex, 0.0030784030784030784, 0, 0},
      {OrbitKind::Edge, 0.199248834788904475, 0, 0},
      {OrbitKind::Face, -0.236688311688311688, 0, 0},
      {OrbitKind::Llm, 0.637828969971827115, 0.4803844614152614, 0},
      {OrbitKind::Pq0, 0.39653210384917702, 0.320772648980776433, 0}}},
    {15,
     {{OrbitKind::Vertex, 0.0692640692640692641, 0, 0},
      {OrbitKind::Face, 0.0955512726868502586, 0, 0},
      {OrbitKind::Llm, 0.26665333705448166, 0.369602846454150248, 0},
      {OrbitKind::Llm, 0.285036031068891408, 0.694354006602666355, 0},
      {OrbitKind::Pq0, 0.283495289925707409, 0.374243039090341167, 0}}},
    {17,
     {{OrbitKind::Vertex, 0.0229696229696229696, 0, 0},
      {OrbitKind::Face, 0.0783499000999000999, 0, 0},
      {OrbitKind::Llm, 0.197081694796586663, 0.185115635344736169, 0},
      {OrbitKind::Llm, 0.238627557388274479, 0.690421048382292178, 0},
      {OrbitKind::Llm, 0.230291312065703108, 0.395689473055941909, 0},
      {OrbitKind::Pq0, 0.23267991267991268, 0.478369028812150197, 0}}},
    {19,
     {{OrbitKind::Vertex, 0.00359778821317282856, 0, 0},
      {OrbitKind::Edge, 0.0884759966234490771, 0, 0},
      {OrbitKind::Face, 0.0576841228811559022, 0, 0},
      {OrbitKind::Llm, 0.170792531834821329, 0.67644104001142637, 0},
      {OrbitKind::Llm, 0.162091907671547459, 0.417496122796545336, 0},
      {OrbitKind::Llm, 0.181785459817296809, 0.157467667203908176, 0},
      {OrbitKind::Rsw, 0.335572192958556595, 0.140355381171318329, 0.449332832326955735}}},
    {21,
     {{OrbitKind::Vertex, 0.0332690574122241879, 0, 0},
      {OrbitKind::Edge, 0.0728559932480490189, 0, 0},
      {OrbitKind::Face, 0.0510693981881207421, 0, 0},
      {OrbitKind::Llm, 0.124401302105946968, 0.255125262111413444, 0},
      {OrbitKind::Llm, 0.151630296235529405, 0.674360146036276574, 0},
      {OrbitKind::Llm, 0.148840080158137839, 0.431891069671941038, 0},
      {OrbitKind::Pq0, 0.131451441243296345, 0.261393136033598847, 0},
      {OrbitKind::Rsw, 0.286482431408695495, 0.144663074432511539, 0.499045316179603715}}},
    {23,
     {{OrbitKind::Vertex, 0.0106940426834676669, 0, 0},
      {OrbitKind::Edge, 0.0686028713997252227, 0, 0},
      {OrbitKind::Face, 0.0445870654307899037, 0, 0},
      {OrbitKind::Llm, 0.134608897982111924, 0.671297344269522628, 0},
      {OrbitKind::Llm, 0.123797705083329194, 0.289246562757543856, 0},
      {OrbitKind::Llm, 0.132450515214566729, 0.444693317871743731, 0},
      {OrbitKind::Llm, 0.0985626486760654582, 0.129933544765006686, 0},
      {OrbitKind::Pq0, 0.121244305550755403, 0.345770219761128271, 0},
      {OrbitKind::Rsw, 0.265451947979188498, 0.159041710538352952, 0.525118572443642025}}},
    {25,
     {{OrbitKind::Vertex, -0.331358395183639508, 0, 0},
      {OrbitKind::Face, 0.0356021968595618107, 0, 0},
      {OrbitKind::Llm, 0.107924185630113703, 0.449204468739761059, 0},
      {OrbitKind::Llm, 0.121179682811489998, 0.252041949021020089, 0},
      {OrbitKind::Llm, 0.0954337924332451923, 0.698190665844724152, 0},
      {OrbitKind::Llm, 0.105633615609144332, 0.658740524346095974, 0},
      {OrbitKind::Llm, 0.413890644130656303, 0.0403854405009765983, 0},
      {OrbitKind::Pq0, 0.101545994288576225, 0.582384230971558502, 0},
      {OrbitKind::Pq0, 0.12475367673754557, 0.354587739051868767, 0},
      {OrbitKind::Rsw, 0.225394606683306374, 0.227218180899818656, 0.486466153588664709}}},
};

} // namespace equivariant
