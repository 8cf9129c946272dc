// SPDX-License-Identifier: MIT
#include "Failure.h"
#include "Reproduction.h"

#include "support/TemporaryFolder.h"
#include "support/Throws.h"

#include <gtest/gtest.h>
#include <limits>

using namespace equivariant::support;
using equivariant::test::TemporaryFolder;
using equivariant::test::throwsNaming;
using nlohmann::json;

namespace {

json runClaims(const std::function<void(Reproduction&)>& claims) {
    Reproduction::Options options;
    options.json = true;
    Reproduction run("example", options);
    claims(run);
    ::testing::internal::CaptureStdout();
    try {
        run.finish();
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.status, 1);
    }
    return json::parse(::testing::internal::GetCapturedStdout());
}

} // namespace

TEST(Reproduction, ReportsClaims) {
    const json report = runClaims([](Reproduction& run) {
        run.atMost("a", 1, 2);
        run.atLeast("b", 2, 2);
        run.within("c", 2.5, 2, 3);
        run.holds("d", true);
        run.report("e", 7);
        EXPECT_FALSE(run.data("x.xyz", "f"));
        EXPECT_FALSE(run.figure("x.png"));
    });
    EXPECT_EQ(report["tool"], "example");
    EXPECT_EQ(report["passed"], 4);
    EXPECT_EQ(report["failed"], 0);
    EXPECT_EQ(report["skipped"], 1);
    EXPECT_EQ(report["claims"][0]["measured"], 1);
    EXPECT_EQ(report["claims"][4]["status"], "report");
}

TEST(Reproduction, WhatDoesNotHoldFails) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const json report = runClaims([&](Reproduction& run) {
        run.atMost("a", 3, 2);
        run.atLeast("b", 1, 2);
        run.within("c", 3.5, 2, 3);
        run.holds("d", false);
        run.atMost("e", nan, 2);
        run.atLeast("f", nan, 2);
        run.within("g", nan, 2, 3);
    });
    EXPECT_EQ(report["failed"], 7);
    for (const json& claim : report["claims"])
        EXPECT_EQ(claim["status"], "fail") << claim;
    Reproduction run("example", {});
    run.holds("never", false);
    EXPECT_TRUE(throwsNaming<Failure>("1 of 1 claims", [&] { run.finish(); }));
}

TEST(Reproduction, Folders) {
    const TemporaryFolder folder;
    Reproduction::Options options;
    options.figures = folder.path("new/figures");
    options.data = folder.path("");
    Reproduction run("example", options);
    EXPECT_TRUE(std::filesystem::is_directory(options.figures));
    EXPECT_EQ(run.figure("a.png"), options.figures + "/a.png");
    std::filesystem::create_directory(folder.path("data"));
    folder.write("data/a.xyz", "1\n\nH 0 0 0\n");
    EXPECT_TRUE(run.data("a.xyz", "claim"));
    options.figures = folder.write("file", "");
    EXPECT_THROW(Reproduction("example", options), equivariant::Error);
}
