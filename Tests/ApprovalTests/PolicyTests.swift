import Approval
import Model
import Testing

@Suite("What the policy asks for") struct PolicyTests {
  private func policy(
    _ match: Policy.Match, _ count: Int = 1, stage: Policy.Stage = .beforePromotion
  ) -> Policy {
    Policy(rules: [Policy.Rule(name: "r", match: match, approvalCount: count, stage: stage)])
  }

  @Test(
    "as shipped, one person agrees from HIGH on, before promotion",
    arguments: zip(Severity.allCases, [false, false, true, true]))
  func shipped(severity: Severity, isAsked: Bool) {
    let subject = subject([item(severity)])
    #expect(Policy.shipped.needsApproval(subject) == isAsked)
    #expect(Policy.shipped.requirement(for: subject, at: .beforeTrial) == nil)
    let requirement = Policy.shipped.requirement(for: subject, at: .beforePromotion)
    #expect((requirement != nil) == isAsked)
    #expect(requirement.map(\.approvalCount) == (isAsked ? 1 : nil))
  }

  @Test("the first rule that matches decides, also when it asks for nothing")
  func first() {
    let policy = Policy(rules: [
      Policy.Rule(
        name: "trusted", match: Policy.Match(appliers: [PathPattern("tun*")]), approvalCount: 0),
      Policy.Rule(name: "rest", match: Policy.Match(), approvalCount: 2),
    ])
    #expect(!policy.needsApproval(subject([item(.critical, .errorPattern, "tuner")])))
    #expect(policy.needsApproval(subject([item(.low, .codeSmell, "hardener")])))
  }

  @Test("without a matching rule nobody is asked")
  func none() {
    #expect(!Policy(rules: []).needsApproval(subject([item(.critical)])))
    #expect(Policy(rules: []).requirement(for: subject(), at: .beforePromotion) == nil)
    #expect(!Policy.shipped.needsApproval(subject([])))
  }

  @Test("every condition must hold, and each can fail alone")
  func conditions() {
    let change = PolicySubject.Change(paths: ["src/main.py", "config.json"], lineCount: 10)
    let full = subject([item(.high, .errorPattern, "tuner")], change: change)
    let holding = [
      Policy.Match(severity: .medium), Policy.Match(types: [.codeSmell, .errorPattern]),
      Policy.Match(agents: [PathPattern("b"), PathPattern("*")]),
      Policy.Match(strategies: [.conservative]), Policy.Match(appliers: [PathPattern("tuner")]),
      Policy.Match(paths: [PathPattern("**/*.py")]), Policy.Match(linesOver: 9),
      Policy.Match(filesOver: 1), Policy.Match(linesOver: 9, filesOver: 1),
    ]
    for match in holding { #expect(policy(match).needsApproval(full), "\(match)") }
    let failing = [
      Policy.Match(severity: .critical), Policy.Match(types: [.codeSmell]), Policy.Match(types: []),
      Policy.Match(agents: [PathPattern("b*")]), Policy.Match(strategies: [.aggressive]),
      Policy.Match(appliers: [PathPattern("tune")]), Policy.Match(paths: [PathPattern("docs/**")]),
      Policy.Match(linesOver: 10), Policy.Match(filesOver: 2),
      Policy.Match(severity: .high, filesOver: 2), Policy.Match(linesOver: 10, filesOver: 1),
    ]
    for match in failing { #expect(!policy(match).needsApproval(full), "\(match)") }
  }

  @Test("a rule on paths or sizes decides once there is a change")
  func unknownChange() {
    let policy = Policy(rules: [
      Policy.Rule(
        name: "big", match: Policy.Match(linesOver: 100), approvalCount: 2),
      Policy.Rule(name: "high", match: Policy.Match(severity: .high), approvalCount: 1),
    ])
    #expect(policy.requirement(for: subject(), at: .beforePromotion)?.rules == ["high"])
    let big = PolicySubject.Change(paths: ["a"], lineCount: 101)
    let changed = subject([item(.low)], change: big)
    #expect(policy.requirement(for: changed, at: .beforePromotion)?.approvalCount == 2)
  }

  @Test("a plan of several items gets the strictest of all they need")
  func strictest() {
    let policy = Policy(rules: [
      Policy.Rule(
        name: "critical", match: Policy.Match(severity: .critical), approvalCount: 1,
        approvers: .users([0, 7]), expiry: .seconds(50)),
      Policy.Rule(
        name: "high", match: Policy.Match(severity: .high), approvalCount: 2,
        approvers: .anyone, expiry: .seconds(9)),
      Policy.Rule(name: "rest", match: Policy.Match(), approvalCount: 0, expiry: .seconds(1)),
    ])
    let requirement = policy.requirement(
      for: subject([item(.low), item(.high), item(.critical)]), at: .beforePromotion)
    #expect(requirement?.rules == ["critical", "high"])
    #expect(requirement?.approvalCount == 2)
    #expect(requirement?.approvers == .users([0, 7]))
    #expect(requirement?.expiry == .seconds(9))
  }

  @Test("of two lists of uids only those on both may approve")
  func both() {
    let policy = Policy(rules: [
      Policy.Rule(
        name: "a", match: Policy.Match(severity: .critical), approvalCount: 1,
        approvers: .users([1, 2])),
      Policy.Rule(name: "b", match: Policy.Match(), approvalCount: 1, approvers: .users([2, 3])),
    ])
    let requirement = policy.requirement(
      for: subject([item(.critical), item(.low)]), at: .beforePromotion)
    #expect(requirement?.approvers == .users([2]))
  }

  @Test("what is due before the trial is not due again, unless nobody approved it")
  func stages() {
    let policy = policy(Policy.Match(), stage: .beforeTrial)
    #expect(policy.requirement(for: subject(), at: .beforeTrial)?.approvalCount == 1)
    #expect(
      policy.requirement(for: subject(), at: .beforePromotion, wasApproved: true) == nil)
    #expect(policy.requirement(for: subject(), at: .beforePromotion)?.approvalCount == 1)
  }
}

@Suite("Reading policy.json") struct PolicyReadingTests {
  private func read(_ text: String) -> (policy: Policy?, problems: [String]) {
    let (policy, problems) = Policy.read(Array(text.utf8), file: "policy.json")
    return (policy, problems.map(\.description))
  }

  private func rule(_ members: String) -> String {
    #"{"policy":1,"rules":[{"name":"r","approvals":1,\#(members)}]}"#
  }

  @Test("everything a rule can say is read, and written the same")
  func whole() throws {
    let text = """
      {"four_eyes":true,"policy":1,"rules":[{"approvals":2,"by":[0,1000],"expires_h":1.5,\
      "match":{"agent":["web-*"],"applier":["tuner"],"files_over":3,"lines_over":100,\
      "paths":["**/*.py"],"severity":"high","strategy":["aggressive"],"type":["code_smell"]},\
      "name":"all","stage":"before_promotion"},{"approvals":0,"by":"any","expires_h":72,\
      "match":{},"name":"rest","stage":"before_trial"}]}
      """
    let (policy, problems) = read(text)
    #expect(problems.isEmpty)
    #expect(policy?.fourEyes == true)
    #expect(policy?.rules.first?.approvers == .users([0, 1000]))
    #expect(policy?.rules.first?.expiry == .seconds(5400))
    #expect(policy?.json.text() == text)
  }

  @Test("the shipped policy reads back as itself")
  func shipped() {
    #expect(Policy.read(Policy.shipped.json, file: "f").policy == .shipped)
  }

  @Test(
    "what is wrong is named with its place, and the whole file is refused",
    arguments: [
      ("[]", "policy.json: expected an object"), ("{", "policy.json: expected JSON"),
      (#"{"policy":2,"rules":[]}"#, "policy: expected 1, found the number 2"),
      (#"{"policy":1}"#, "rules: expected a list of objects, found nothing"),
      (#"{"policy":1,"rules":[{"approvals":1}]}"#, "rules[0].name: expected a string"),
      (#"{"policy":1,"rules":[{"name":"r"}]}"#, "rules[0].approvals: expected an integer"),
    ])
  func refused(text: String, expected: String) {
    let (policy, problems) = read(text)
    #expect(policy == nil)
    #expect(problems.contains { $0.contains(expected) }, "\(problems)")
  }

  @Test(
    "a rule that is half understood is refused",
    arguments: [
      (#""match":{"severety":"high"}"#, "rules[0].match.severety: expected a condition"),
      (#""match":{"severity":"huge"}"#, "rules[0].match.severity: expected one of"),
      (#""match":{"type":["smell"]}"#, "rules[0].match.type: expected any of"),
      (#""match":{"strategy":["auto"]}"#, "rules[0].match.strategy: expected any of"),
      (#""match":{"lines_over":-1}"#, "rules[0].match.lines_over: expected an integer"),
      (#""match":7"#, "rules[0].match: expected an object"),
      (#""by":"root""#, "rules[0].by: expected \"any\" or a list of uids"),
      (#""by":[]"#, "rules[0].by: expected \"any\" or a list of uids"),
      (#""by":[-1]"#, "rules[0].by: expected \"any\" or a list of uids"),
      (#""by":[1.5]"#, "rules[0].by: expected \"any\" or a list of uids"),
      (#""stage":"later""#, "rules[0].stage: expected one of"),
      (#""expires_h":0"#, "rules[0].expires_h: expected a number"),
      (
        #""stage":"before_trial","match":{"paths":["**"]}"#,
        "rules[0].stage: expected before_promotion"
      ),
    ])
  func half(members: String, expected: String) {
    let (policy, problems) = read(rule(members))
    #expect(policy == nil)
    #expect(problems.contains { $0.contains(expected) }, "\(problems)")
  }

  @Test("fewer uids than approvals can never agree, and more approvals than the bound neither")
  func unreachable() {
    let few = #"{"policy":1,"rules":[{"name":"r","approvals":2,"by":[1]}]}"#
    #expect(read(few).problems.contains { $0.contains("at least 2 uids") })
    #expect(read(#"{"policy":1,"rules":[{"name":"r","approvals":17}]}"#).policy == nil)
  }

  @Test("an unknown key outside a match is a warning")
  func unknown() {
    let (policy, problems) = read(#"{"policy":1,"rules":[],"comment":"x"}"#)
    #expect(policy != nil)
    #expect(problems.count == 1 && problems[0].contains("comment"))
  }

  @Test("too many rules are refused")
  func many() {
    let rules = Array(repeating: #"{"name":"r","approvals":0}"#, count: Policy.ruleCountMax + 1)
    let text = #"{"policy":1,"rules":["# + rules.joined(separator: ",") + "]}"
    #expect(read(text).problems.contains { $0.contains("at most \(Policy.ruleCountMax) rules") })
  }
}
