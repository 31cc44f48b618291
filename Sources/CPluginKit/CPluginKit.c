// The files of the kit. Clang embeds them as C23 does, and makes this depend on them:
// https://clang.llvm.org/docs/LanguageExtensions.html
#include "CPluginKit.h"

#include <stddef.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char file_0[] = {
#embed "templates/c/Makefile.in"
};
static const char file_1[] = {
#embed "templates/c/analyzer.c.in"
};
static const char file_2[] = {
#embed "templates/c/applier.c.in"
};
static const char file_3[] = {
#embed "templates/c/scorer.c.in"
};
static const char file_4[] = {
#embed "templates/cpp/Makefile.in"
};
static const char file_5[] = {
#embed "templates/cpp/analyzer.cpp.in"
};
static const char file_6[] = {
#embed "templates/cpp/applier.cpp.in"
};
static const char file_7[] = {
#embed "templates/cpp/plugin.hpp.in"
};
static const char file_8[] = {
#embed "templates/cpp/scorer.cpp.in"
};
static const char file_9[] = {
#embed "templates/swift/Makefile.in"
};
static const char file_10[] = {
#embed "templates/swift/analyzer.swift.in"
};
static const char file_11[] = {
#embed "templates/swift/applier.swift.in"
};
static const char file_12[] = {
#embed "templates/swift/module.modulemap.in"
};
static const char file_13[] = {
#embed "templates/swift/scorer.swift.in"
};
static const char file_14[] = {
#embed "templates/rust/Makefile.in"
};
static const char file_15[] = {
#embed "templates/rust/analyzer.rs.in"
};
static const char file_16[] = {
#embed "templates/rust/applier.rs.in"
};
static const char file_17[] = {
#embed "templates/rust/kaizen_plugin.rs.in"
};
static const char file_18[] = {
#embed "templates/rust/scorer.rs.in"
};
static const char file_19[] = {
#embed "templates/command/analyzer.py.in"
};
static const char file_20[] = {
#embed "templates/command/applier.py.in"
};
static const char file_21[] = {
#embed "templates/command/scorer.py.in"
};
static const char file_22[] = {
#embed "templates/README.md.in"
};
static const char file_23[] = {
#embed "../CKaizenPlugin/include/kaizen_plugin.h"
};
static const char file_24[] = {
#embed "../KaizenPluginSDK/AgentView.swift"
};
static const char file_25[] = {
#embed "../KaizenPluginSDK/Column.swift"
};
static const char file_26[] = {
#embed "../KaizenPluginSDK/Component.swift"
};
static const char file_27[] = {
#embed "../KaizenPluginSDK/Evidence.swift"
};
static const char file_28[] = {
#embed "../KaizenPluginSDK/Facts.swift"
};
static const char file_29[] = {
#embed "../KaizenPluginSDK/Host.swift"
};
static const char file_30[] = {
#embed "../KaizenPluginSDK/Instance.swift"
};
static const char file_31[] = {
#embed "../KaizenPluginSDK/JSONNode.swift"
};
static const char file_32[] = {
#embed "../KaizenPluginSDK/JSONReader.swift"
};
static const char file_33[] = {
#embed "../KaizenPluginSDK/Numbers.swift"
};
static const char file_34[] = {
#embed "../KaizenPluginSDK/PlanItem.swift"
};
static const char file_35[] = {
#embed "../KaizenPluginSDK/Plugin.swift"
};
static const char file_36[] = {
#embed "../KaizenPluginSDK/Sample.swift"
};
static const char file_37[] = {
#embed "../KaizenPluginSDK/Sinks.swift"
};
static const char file_38[] = {
#embed "../KaizenPluginSDK/Text.swift"
};
static const char file_39[] = {
#embed "../KaizenPluginSDK/Tree.swift"
};
static const char file_40[] = {
#embed "../KaizenPluginSDK/Wilson.swift"
};

#define FILE_AT(index, name) {name, file_##index, sizeof file_##index}
static const kpk_file files[] = {
    FILE_AT(0, "c/Makefile"),
    FILE_AT(1, "c/analyzer.c"),
    FILE_AT(2, "c/applier.c"),
    FILE_AT(3, "c/scorer.c"),
    FILE_AT(4, "cpp/Makefile"),
    FILE_AT(5, "cpp/analyzer.cpp"),
    FILE_AT(6, "cpp/applier.cpp"),
    FILE_AT(7, "cpp/plugin.hpp"),
    FILE_AT(8, "cpp/scorer.cpp"),
    FILE_AT(9, "swift/Makefile"),
    FILE_AT(10, "swift/analyzer.swift"),
    FILE_AT(11, "swift/applier.swift"),
    FILE_AT(12, "swift/module.modulemap"),
    FILE_AT(13, "swift/scorer.swift"),
    FILE_AT(14, "rust/Makefile"),
    FILE_AT(15, "rust/analyzer.rs"),
    FILE_AT(16, "rust/applier.rs"),
    FILE_AT(17, "rust/kaizen_plugin.rs"),
    FILE_AT(18, "rust/scorer.rs"),
    FILE_AT(19, "command/analyzer.py"),
    FILE_AT(20, "command/applier.py"),
    FILE_AT(21, "command/scorer.py"),
    FILE_AT(22, "README.md"),
    FILE_AT(23, "kaizen_plugin.h"),
    FILE_AT(24, "sdk/AgentView.swift"),
    FILE_AT(25, "sdk/Column.swift"),
    FILE_AT(26, "sdk/Component.swift"),
    FILE_AT(27, "sdk/Evidence.swift"),
    FILE_AT(28, "sdk/Facts.swift"),
    FILE_AT(29, "sdk/Host.swift"),
    FILE_AT(30, "sdk/Instance.swift"),
    FILE_AT(31, "sdk/JSONNode.swift"),
    FILE_AT(32, "sdk/JSONReader.swift"),
    FILE_AT(33, "sdk/Numbers.swift"),
    FILE_AT(34, "sdk/PlanItem.swift"),
    FILE_AT(35, "sdk/Plugin.swift"),
    FILE_AT(36, "sdk/Sample.swift"),
    FILE_AT(37, "sdk/Sinks.swift"),
    FILE_AT(38, "sdk/Text.swift"),
    FILE_AT(39, "sdk/Tree.swift"),
    FILE_AT(40, "sdk/Wilson.swift"),
};

const kpk_file *kpk_file_at(unsigned index) {
  return index < sizeof files / sizeof *files ? &files[index] : NULL;
}
