# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of the checks. Expected seconds: measured on two cores, see CONTRIBUTING.md."""

from dataclasses import replace

from check import FAST, FULL, Check

RELEASE = "build/release/bin/"


def table(jobs, all_of_reference=False, required=False):
    """All checks for a machine with JOBS cores. Those that compute for long get half of them, so
    that two are beside each other, or one beside a guest. REQUIRED: Debian 13 must be there."""
    half = max(1, jobs // 2)
    # Before all others and alone: it has to be done in two minutes on two cores that have nothing
    # else to do, its build included. The limit leaves some room for a slower machine.
    demo = Check("demo", ("scripts/demo",), 100, jobs, sets=(FULL,), limit=180)
    others = [*_of_text(), *_of_release(jobs, half), *_of_lab(half, all_of_reference, required),
              *_of_sanitizer("asan", half), *_of_sanitizer("tsan", half), *_of_tidy(),
              *_of_fuzzers(half)]
    return [demo, *(replace(check, after=(*check.after, demo.name)) for check in others)]


def _of_text():
    return [
        Check("runner", ("/usr/bin/python3", "-m", "unittest", "discover", "test/runner/tests"), 1,
              0.5),
        Check("format", ("test/checks/format",), 2, 0.5),
        Check("columns", ("test/checks/columns",), 1, 0.5),
        Check("test-names", ("test/checks/test-names",), 1, 0.5),
        Check("spdx", ("test/checks/spdx",), 1, 0.5),
        Check("man", ("mandoc", "-T", "lint", "-W", "warning", "man/lvmpolld.8",
                      "man/io.lvmpolld.7", "man/lvmpollctl.8"), 1, 0.5),
        Check("shellcheck", ("test/checks/shellcheck",), 2, 0.5),
        Check("version", ("test/checks/version",), 1, 0.5),
        Check("rpm-spec", ("rpmlint", "--strict", "--config", "packaging/rpm/rpmlint.toml",
                           "packaging/rpm/lvmpolld.spec"), 1, 0.5),
        Check("units", ("test/checks/units",), 1, 0.5),
    ]


def _of_release(jobs, half):
    daemon, fake = RELEASE + "lvmpolld", RELEASE + "fake_lvm"
    survive = ("test/conformance/survive", "--fake-lvm", fake, daemon)
    return [
        _build("daemon-build", "release", 55, jobs, "lvmpolld", "lvmpollctl", "fake_lvm",
               "fast_clock", cores=jobs * 0.75),
        _build("release-build", "release", 55, jobs, "src/all", "test/all", cores=half,
               needs=("daemon-build",)),
        _build("bench-build", "release", 4, half, "bench/all", needs=("release-build",),
               sets=(FULL,)),
        _build("simulation-build", "release", 10, half, "simulation", needs=("daemon-build",)),
        Check("simulation-short", ("test/simulation/run", "--seconds", "10"), 11,
              needs=("simulation-build",), sets=(FAST,)),
        Check("simulation", ("test/simulation/run", "--seconds", "90"), 95,
              needs=("simulation-build",), sets=(FULL,)),
        Check("simulation-planted", ("test/simulation/plant", "--draw", "3", "--jobs", str(half)),
              25, half, needs=("simulation-build",), sets=(FULL,)),
        _build("endurance-build", "release", 6, half, "endurance", needs=("release-build",),
               sets=(FULL,)),
        Check("endurance", (RELEASE + "endurance", "--seconds", "90"), 95,
              needs=("endurance-build",), sets=(FULL,)),
        Check("unit", ("test/checks/unit", "release", str(jobs)), 10, 0.5,
              needs=("release-build",)),
        Check("conformance", ("test/conformance/run", "--daemon", daemon, "--fake-lvm", fake), 50,
              0.25, needs=("daemon-build",)),
        Check("sysv", ("test/package/sysv", daemon), 2, 0.25, needs=("daemon-build",)),
        Check("package", ("scripts/package", "--jobs", str(half)), 130, half,
              needs=("daemon-build",), sets=(FULL,)),
        Check("ctl", ("test/ctl/run", "--build", RELEASE), 10, 0.25, needs=("daemon-build",)),
        Check("monitoring", ("test/monitoring/run", "--build", RELEASE), 25, 0.25,
              needs=("daemon-build",), sets=(FULL,)),
        _stress("stress-short", "release", "daemon-build", 10, "--operations", "500", sets=(FAST,)),
        _stress("stress", "release", "daemon-build", 20, sets=(FULL,)),
        Check("killed-often", survive, 40, 0.5, needs=("daemon-build",), sets=(FULL,)),
        Check("killed-often-kept", (*survive, "--kept"), 40, 0.5, needs=("daemon-build",),
              sets=(FULL,)),
    ]


def _of_lab(half, all_of_reference, required):
    jobs, daemon = ("--jobs", str(half + 1)), ("--daemon", RELEASE + "lvmpolld")
    lab, full_lab = ("test/lab/suite", *jobs), ("test/full-lab/suite", *jobs)
    ours = (*lab, *daemon)
    quarter = half / 2  # the guests mostly wait
    changed = () if all_of_reference else ("--changed",)
    debian13 = ("--system", "debian13", *(("--require",) if required else ()))
    fast = {"needs": ("daemon-build", "lab-debian12"), "sets": (FAST,)}
    full = {"needs": ("daemon-build", "lab-debian12"), "sets": (FULL,)}
    newer = {"needs": ("daemon-build", "lab-newer"), "sets": (FULL,)}
    return [
        Check("lab-debian12", ("test/checks/lab-systems", "debian12"), 60, 0.5),
        Check("lab-newer", ("test/checks/lab-systems", "debian13", "sid"), 120, 0.5,
              needs=("lab-debian12",), sets=(FULL,)),
        Check("full-lab-one", ("test/full-lab/run", *daemon,
                               "test/full-lab/scenarios/drop-in/transient-service"), 30, 0.5,
              **fast),
        Check("lab-core", (*ours, "--core", "--engine", "watch"), 120, quarter, **fast),
        Check("lab-watch", (*ours, "--engine", "watch"), 340, quarter, **full),
        Check("lab-resident", (*ours, "--engine", "resident"), 280, quarter, **full),
        Check("lab-reference", (*lab, "--daemon", "/sbin/lvmpolld", "--kernel", "debian12",
                                *changed), 10, quarter, **full),
        Check("full-lab", (*full_lab, *daemon), 260, quarter, **full),
        Check("full-lab-package", (*full_lab, "package"), 110, quarter,
              needs=("package", "lab-debian12"), sets=(FULL,)),
        # The others take minutes with Debian 13's kernel, and differ little from those of 12.
        Check("full-lab-package-debian13", (*full_lab, *debian13, "--only", "moves", "package"),
              85, quarter, needs=("package", "lab-newer"), sets=(FULL,)),
        Check("openrc", ("test/package/openrc", RELEASE + "lvmpolld"), 25, 0.5, **full),
        Check("package-diversions", ("test/package/diversions",), 30, 0.5,
              needs=("package", "lab-newer"), sets=(FULL,)),
        Check("lab-debian13", (*ours, *debian13, "--core", "--engine", "watch"), 200, quarter,
              **newer),
        # Without those that cost most with Debian 13's slow kernel, and differ least.
        Check("full-lab-debian13", (*full_lab, *daemon, *debian13, "--ours", "--except",
                                    "shared-group", "--except", "own-disk", "--except",
                                    "memory-short", "--except", "root-disk"), 265, quarter,
              **newer),
        Check("conformance-debian13", ("test/conformance/run", "--only", "reference", *debian13,
                                       "--fake-lvm", RELEASE + "fake_lvm"), 40, 0.25, **newer),
        Check("varlink-clients", ("test/conformance/varlink-clients", "--daemon",
                                  RELEASE + "lvmpolld", "--fake-lvm", RELEASE + "fake_lvm",
                                  *(("--require",) if required else ())), 5, 0.5, **newer),
        Check("lab-sid", (*ours, "--system", "sid", "--core", "--engine", "watch"), 150, quarter,
              reported_only=True, **newer),
    ]


def _of_sanitizer(preset, half):
    daemon, fake = f"build/{preset}/bin/lvmpolld", f"build/{preset}/bin/fake_lvm"
    built = {"needs": (f"{preset}-build",), "sets": (FULL,)}
    return [
        _build(f"{preset}-build", preset, 120, half, "all", sets=(FULL,)),
        Check(f"{preset}-unit", ("test/checks/unit", preset, str(half)), 75, 0.5, **built),
        Check(f"{preset}-conformance", ("test/conformance/run", "--only", "ours",
                                        "--daemon", daemon, "--fake-lvm", fake), 60, 0.5, **built),
        _stress(f"{preset}-stress", preset, f"{preset}-build", 20, sets=(FULL,)),
        Check(f"{preset}-killed-often", ("test/conformance/survive", "--rounds", "50",
                                         "--fake-lvm", fake, daemon), 15, 0.5, **built),
    ]


def _of_tidy():
    return [
        Check("tidy-changed", ("test/checks/tidy", "--changed"), 20, sets=(FAST,)),
        *(Check(f"tidy-{part}", ("test/checks/tidy", "--part", f"{part}/2"), 170, sets=(FULL,))
          for part in (1, 2)),
    ]


def _of_fuzzers(half):
    targets = ("fuzz_config", "fuzz_config_differential", "fuzz_framing", "fuzz_record",
               "fuzz_request", "fuzz_session", "fuzz_varlink")
    # Half a minute each: what they find at all they find in seconds, or not in a minute either.
    return [
        _build("fuzz-build", "fuzz", 115, half, *targets, sets=(FULL,)),
        *(Check(target.replace("_", "-"), ("test/fuzz/run", "30", "build/fuzz", target), 31,
                needs=("fuzz-build",), sets=(FULL,)) for target in targets),
    ]


def _build(name, preset, seconds, jobs, *targets, cores=None, **more):
    return Check(name, ("test/checks/build", preset, str(jobs), *targets), seconds, cores or jobs,
                 **more)


def _stress(name, preset, build, seconds, *options, **more):
    folder = f"build/{preset}/bin/"
    return Check(name, ("test/conformance/stress", *options, "--fake-lvm", folder + "fake_lvm",
                        folder + "lvmpolld"), seconds, 0.5, needs=(build,), **more)
