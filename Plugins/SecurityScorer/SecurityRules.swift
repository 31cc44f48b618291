import KaizenPluginSDK
import SourceCode

/// One rule: what it is called, how bad a hit is, and when a line is one.
struct SecurityRule: Sendable {
  var name: String
  var level: ScorerSink.Level
  var message: String
  /// Texts one of which every hit has on its line, so that most lines need not be looked at.
  var near: [String]
  var isHit: @Sendable (CodeLine) -> Bool

  init(
    _ name: String, _ level: ScorerSink.Level, _ message: String, near: [String],
    _ isHit: @escaping @Sendable (CodeLine) -> Bool
  ) {
    self.name = name
    self.level = level
    self.message = message
    self.near = near
    self.isHit = isHit
  }

  /// How much one hit counts; README.md says why.
  var weight: Double {
    switch level {
    case .error: 10
    case .warning: 3
    case .note: 1
    }
  }
}

/// Finds what the rules of a file's language hit, line by line.
enum SecurityRules {
  /// The findings in the order of the lines; one rule hits a line once.
  static func findings(in source: SourceText) -> [SourceFinding] {
    let rules = common + of(source.language)
    var findings: [SourceFinding] = []
    var candidates: [Int: [SecurityRule]] = [:]
    for rule in rules {
      for index in source.lines(near: rule.near) { candidates[index, default: []].append(rule) }
    }
    for (index, rules) in candidates.sorted(by: { $0.key < $1.key }) {
      let line = CodeLine(source, index)
      if line.content.allSatisfy({ $0 <= 0x20 }) || line.isSilenced(by: "nosec") { continue }
      for rule in rules where rule.isHit(line) {
        findings.append(
          SourceFinding(
            rule.name, rule.level, weight: rule.weight, line: line.number, rule.message))
      }
    }
    return findings
  }

  private static func of(_ language: Language) -> [SecurityRule] {
    switch language {
    case .python: python + [secret(allowsBare: false)]
    case .javaScript: javaScript + [secret(allowsBare: false)]
    case .shell: shell + [secret(allowsBare: true)]
    case .swift: swift + [secret(allowsBare: false)]
    case .markdown: []
    }
  }

  /// Of every language with code: a value that looks random, under a name that tells.
  private static func secret(allowsBare: Bool) -> SecurityRule {
    SecurityRule(
      "literal-secret", .warning, "a secret stands in the file; take it from the environment",
      near: LiteralSecret.names
    ) { line in
      LiteralSecret.stands(in: line.content, allowsBare: allowsBare)
        && !IssuedToken.stands(in: line.content)
    }
  }

  /// Of every language: what gives a secret away, wherever it stands.
  private static let common = [
    SecurityRule(
      "private-key", .error, "a private key stands in the file; revoke it and keep it elsewhere",
      near: ["-----BEGIN"]
    ) { line in
      // The marker alone stands at the start of its line, or of a string.
      guard line.content.contains(UInt8(ascii: "-")), line.contains("-----BEGIN") else {
        return false
      }
      return line.content.firstRange(of: "-----BEGIN ".utf8).map { begin in
        let rest = line.content[begin.upperBound...]
        guard let end = rest.firstRange(of: "PRIVATE KEY-----".utf8) else { return false }
        let before = line.content[..<begin.lowerBound].last { $0 > 0x20 }
        let after = rest[end.upperBound...].first { $0 > 0x20 }
        return before == nil || (after == UInt8(ascii: "\\") && before != UInt8(ascii: "`"))
      } ?? false
    },
    SecurityRule(
      "issued-token", .error, "a token with its issuer's prefix stands in the file; revoke it",
      near: IssuedToken.prefixes
    ) { IssuedToken.stands(in: $0.content) },
  ]

  private static let python = [
    SecurityRule(
      "eval", .warning, "runs a text as code; parse it (ast.literal_eval, json)",
      near: ["eval", "exec"]
    ) { line in
      ["eval", "exec"].contains { name in
        line.calls(name).contains { !line.isLiteral(at: $0) }
      }
    },
    SecurityRule(
      "shell", .warning, "a shell reads the whole command; pass a list of words",
      near: ["shell", "os.system", "os.popen"]
    ) { line in
      line.hasPacked("shell=True")
        || ["os.system", "os.popen"].contains { name in
          line.calls(name).contains { !line.isLiteral(at: $0) }
        }
    },
    SecurityRule(
      "unsafe-load", .warning, "loading runs code of whoever wrote the data",
      near: ["pickle.load", "marshal.load", "dill.load", "yaml.load"]
    ) { line in
      let loads = ["pickle.load", "pickle.loads", "marshal.load", "marshal.loads", "dill.loads"]
      return loads.contains { !line.calls($0).isEmpty }
        || !line.calls("yaml.load").isEmpty && !line.has("SafeLoader") && !line.has("CSafeLoader")
          && !line.has("yaml.SafeLoader")
    },
    SecurityRule(
      "no-verify", .warning, "the other side's certificate is not checked",
      near: ["verify", "ssl._create_unverified_context"]
    ) { line in
      line.hasPacked("verify=False")
        || line.has("ssl._create_unverified_context") && !line.has("def")
    },
    SecurityRule(
      "race-file", .warning, "another program can take the name first; use mkstemp",
      near: ["tempfile.mktemp"]
    ) {
      !$0.calls("tempfile.mktemp").isEmpty
    },
    SecurityRule(
      "weak-hash", .note, "MD5 and SHA-1 keep no secret; say usedforsecurity=False",
      near: ["hashlib.md5", "hashlib.sha1"]
    ) { line in
      (!line.calls("hashlib.md5").isEmpty || !line.calls("hashlib.sha1").isEmpty)
        && !line.has("usedforsecurity")
    },
  ]

  private static let javaScript = [
    SecurityRule(
      "eval", .warning, "runs a text as code; parse it (JSON.parse)", near: ["eval", "Function"]
    ) { line in
      line.calls("eval").contains { !line.isLiteral(at: $0) }
        || line.calls("new Function").contains { !line.isLiteral(at: $0) }
    },
    SecurityRule(
      "shell", .warning, "a shell reads the whole command; use execFile or spawn",
      near: ["exec", "shell"]
    ) { line in
      let calls = ["child_process.exec", "child_process.execSync", "execSync"]
      return calls.contains { name in line.calls(name).contains { !line.isLiteral(at: $0) } }
        || line.hasPacked("shell:true")
    },
    SecurityRule(
      "no-verify", .warning, "the other side's certificate is not checked",
      near: ["rejectUnauthorized"]
    ) { line in
      line.hasPacked("rejectUnauthorized:false")
    },
    SecurityRule(
      "raw-html", .note, "text becomes markup; use textContent",
      near: ["document.write", ".innerHTML"]
    ) { line in
      !line.calls("document.write").isEmpty
        || line.places(of: ".innerHTML").contains { place in
          let rest = line.code[place.upperBound...].drop { $0 == 0x20 }
          guard rest.first == UInt8(ascii: "="), rest.dropFirst().first != UInt8(ascii: "=") else {
            return false
          }
          let value = rest.dropFirst().drop { $0 == 0x20 }
          return value.first.map { !"\"'".utf8.contains($0) } ?? false
        }
    },
  ]

  private static let swift = [
    SecurityRule(
      "shell", .warning, "a shell reads the whole command; run the program itself",
      near: ["system", "popen"]
    ) { line in ["system", "popen"].contains { !line.calls($0).isEmpty }
    },
    SecurityRule(
      "weak-hash", .note, "MD5 and SHA-1 keep no secret; use SHA256", near: ["Insecure."]
    ) {
      $0.has("Insecure.MD5") || $0.has("Insecure.SHA1")
    },
    SecurityRule(
      "unbounded-copy", .error, "writes past the end of a short buffer",
      near: ["strcpy", "strcat", "gets", "sprintf"]
    ) { line in
      ["strcpy", "strcat", "gets", "sprintf"].contains { !line.calls($0).isEmpty }
    },
  ]
}
