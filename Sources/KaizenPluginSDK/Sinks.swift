/// Where an analyzer's findings go, lent until `analyze` returns.
public struct AnalyzerSink: ~Copyable {
  private let raw: UnsafePointer<kz_analyzer_sink>

  init(_ raw: UnsafePointer<kz_analyzer_sink>) { self.raw = raw }

  /// Something to improve.
  ///
  /// `title` is one line that stays the same as long as the matter does: numbers that change belong
  /// into `evidence`. `strength` is how sure it is, in [0, 1].
  /// - Returns: Whether the host took it; where it did not, the call has failed already.
  @discardableResult
  public func opportunity(
    _ type: String, severity: Severity = .ofType, title: String, strength: Double,
    evidence: Evidence = [:]
  ) -> Bool {
    type.withText { type in
      title.withLine { title in
        evidence.text.withText { evidence in
          var found = kz_opportunity(
            size: structSize(kz_opportunity.self), severity: severity.rawValue, type: type,
            title: title, strength: strength, evidence_json: evidence)
          return raw.pointee.opportunity(raw, &found) == KZ_OK
        }
      }
    }
  }
}

/// Where an applier says what it did, lent until `apply` returns.
public struct ApplierSink: ~Copyable {
  private let raw: UnsafePointer<kz_applier_sink>

  init(_ raw: UnsafePointer<kz_applier_sink>) { self.raw = raw }

  /// One line on what was changed and why; it comes back in `historyJSON`.
  @discardableResult
  public func note(_ text: String) -> Bool {
    text.withLine { raw.pointee.note(raw, $0) == KZ_OK }
  }
}

/// Where scores and findings go, lent until `score` returns.
public struct ScorerSink: ~Copyable {
  private let raw: UnsafePointer<kz_scorer_sink>

  init(_ raw: UnsafePointer<kz_scorer_sink>) { self.raw = raw }

  /// How bad a finding is, as in SARIF.
  public enum Level: UInt32, Sendable { case note = 1, warning, error }

  /// One dimension's score in [0, 1], 1 the best; each dimension once a call.
  @discardableResult
  public func score(_ dimension: String, _ value: Double) -> Bool {
    dimension.withText { raw.pointee.score(raw, $0, value) == KZ_OK }
  }

  /// One thing wrong in one file; `line` counts from 1, nil is the file as a whole.
  @discardableResult
  public func finding(
    rule: String, level: Level, file: String, line: Int? = nil, message: String
  ) -> Bool {
    rule.withLine { rule in
      file.withLine { file in
        message.withLine { message in
          var found = kz_finding(
            size: structSize(kz_finding.self), level: level.rawValue, rule: rule, file: file,
            line: UInt32(clamping: line ?? 0), reserved: 0, message: message)
          return raw.pointee.finding(raw, &found) == KZ_OK
        }
      }
    }
  }
}
