// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verify/sector_history.h"

#include <gtest/gtest.h>
#include <vector>

namespace lvmpolld::verify {
namespace {

using namespace std::chrono_literals;

/// The readings of each leg, what came before, and whether the mirror was quiet.
struct Look {
    std::vector<std::vector<Content>> legs;
    std::chrono::milliseconds pause = 1s;
    bool quiet = true;
};

SectorHistory history_of(const std::vector<Look>& looks) {
    SectorHistory history(looks.front().legs.size());
    for (const Look& look : looks) {
        for (std::size_t leg = 0; leg < look.legs.size(); ++leg)
            for (const Content content : look.legs[leg])
                history.add(leg, content);
        history.end_look(look.pause, look.quiet);
    }
    return history;
}

Judgement judge(const std::vector<Look>& looks) {
    return history_of(looks).judgement();
}

void append(std::vector<Look>& looks, unsigned count, const Look& look) {
    looks.insert(looks.end(), count, look);
}

TEST(SectorHistory, EqualLookAgrees) {
    EXPECT_EQ(judge({{{{1}, {0}}}, {{{0}, {0}}}}), Judgement::agreed);
}

TEST(SectorHistory, EqualContentAmongOthersIsNotEnough) {
    EXPECT_EQ(judge({{{{1}, {0}}}, {{{0, 1, 0}, {0}}}}), Judgement::open);
    EXPECT_EQ(judge({{{{0}, {1}}}, {{{1, 0, 1}, {1}}}}), Judgement::open);
}

TEST(SectorHistory, CopyFollowsInOneLook) {
    EXPECT_EQ(judge({{{{1}, {0}}}, {{{2, 3, 4}, {1, 3}}}}), Judgement::agreed);
}

TEST(SectorHistory, CopyFollowsAnEarlierSampling) {
    EXPECT_EQ(judge({{{{1}, {0}}}, {{{2, 3, 4}, {9}}}, {{{5}, {3}}}}), Judgement::agreed);
}

TEST(SectorHistory, CopyWasAheadInAnEarlierSampling) {
    EXPECT_EQ(judge({{{{1}, {0}}}, {{{2}, {7, 8, 9}}}, {{{8}, {10}}}}), Judgement::agreed);
}

TEST(SectorHistory, CopyFollowsTheEndOfAnOldLook) {
    EXPECT_EQ(judge({{{{1}, {0}}}, {{{2}, {0}}}, {{{3}, {0}}}, {{{4}, {0}}}, {{{5}, {2}}}}),
              Judgement::agreed);
}

TEST(SectorHistory, CopyWasAheadAtTheEndOfAnOldLook) {
    EXPECT_EQ(judge({{{{1}, {0}}}, {{{1}, {5}}}, {{{2}, {6}}}, {{{3}, {7}}}, {{{5}, {8}}}}),
              Judgement::agreed);
}

TEST(SectorHistory, SourceThatComesBackToTheCopyIsOpen) {
    EXPECT_EQ(judge({{{{1}, {0}}}, {{{2, 0, 1}, {0}}}, {{{3, 0}, {0}}}}), Judgement::open);
}

TEST(SectorHistory, CopyThatAgreedStaysAgreed) {
    EXPECT_EQ(judge({{{{1}, {0}, {9}}}, {{{0}, {0}, {9}}}, {{{3}, {0}, {3}}}}), Judgement::agreed);
}

TEST(SectorHistory, StuckNeedsLooks) {
    EXPECT_EQ(judge({{{{1}, {0}}}, {{{1}, {0}}, 60s}, {{{1}, {0}}, 60s}}), Judgement::open);
}

TEST(SectorHistory, StuckNeedsTime) {
    std::vector<Look> looks;
    append(looks, 100, {{{1}, {0}}, 1ms});
    EXPECT_EQ(judge(looks), Judgement::open);
}

TEST(SectorHistory, StuckForLooksAndTimeIsDifferent) {
    std::vector<Look> looks;
    append(looks, 1 + unchanged_looks, {{{1}, {0}}});
    EXPECT_EQ(judge(looks), Judgement::different);
}

TEST(SectorHistory, StuckWithWritesUnderWayIsOpen) {
    std::vector<Look> looks;
    append(looks, 30, {{{1}, {0}}, 1s, false});
    EXPECT_EQ(judge(looks), Judgement::open);
}

TEST(SectorHistory, ChangeBeginsTheLooksAnew) {
    std::vector<Look> looks;
    append(looks, unchanged_looks, {{{1}, {0}}, 1ms});
    append(looks, 1, {{{2}, {9}}});
    append(looks, 2, {{{2}, {9}}, 30s});
    EXPECT_EQ(judge(looks), Judgement::open);
}

TEST(SectorHistory, ChangeBeginsTheTimeAnew) {
    std::vector<Look> looks;
    append(looks, 8, {{{1}, {0}}, 8s});
    append(looks, 1, {{{2}, {9}}});
    append(looks, unchanged_looks, {{{2}, {9}}, 100ms});
    EXPECT_EQ(judge(looks), Judgement::open);
}

TEST(SectorHistory, ChangeMakesAQuietMomentWorthless) {
    std::vector<Look> looks;
    append(looks, 8, {{{1}, {0}}, 1s});
    append(looks, 1, {{{2}, {9}}});
    append(looks, unchanged_looks + 5, {{{2}, {9}}, 1s, false});
    EXPECT_EQ(judge(looks), Judgement::open);
}

TEST(SectorHistory, StuckCopyIsDisputedBeforeAnOpenOne) {
    std::vector<Look> looks;
    for (Content i = 1; i < 20; ++i)
        append(looks, 1, {{{i}, {i + 100}, {50}}});
    EXPECT_EQ(history_of(looks).judgement(), Judgement::different);
    EXPECT_EQ(history_of(looks).disputed_leg(), 2U);
}

} // namespace
} // namespace lvmpolld::verify
