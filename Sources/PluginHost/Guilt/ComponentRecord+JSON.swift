import Model

// How records are stored. What is missing or of another type makes the whole of it unreadable: half
// of what was remembered could call a version good that is guilty.

extension ComponentRecord {
  /// As it is stored.
  var json: JSONValue {
    [
      "good": .array(
        good.map { ["version": $0.version.json, "kept": .bool($0.isKept)] }),
      "deaths": .array(deaths.map(\.json)), "answers": .array(answers.map(\.json)),
      "guilty": .array(guilty.map(\.json)),
      "absent_since": absentSince.map { .integer($0.nanoseconds) } ?? .null,
    ]
  }

  /// Reads what was stored; nil where it cannot be read.
  init?(json: JSONValue) {
    guard
      let good = Self.all(json["good"], { Good(json: $0) }),
      let deaths = Self.all(json["deaths"], { ComponentGuilt.Deaths(json: $0) }),
      let answers = Self.all(json["answers"], { ComponentGuilt.Answer(json: $0) }),
      let guilty = Self.all(json["guilty"], { ComponentGuilt(json: $0) })
    else { return nil }
    self.good = Array(good.prefix(Limit.goodCount))
    self.deaths = deaths.suffix(Limit.deathsCount)
    self.answers = answers.suffix(Limit.answerCount)
    self.guilty = guilty.suffix(Limit.guiltCount)
    if let time = json["absent_since"]?.integer { absentSince = Instant(nanoseconds: time) }
  }

  /// Every element read, or nil where there is no list or one of them cannot be read.
  static func all<T>(_ json: JSONValue?, _ read: (JSONValue) -> T?) -> [T]? {
    guard let elements = json?.array else { return nil }
    let values = elements.compactMap(read)
    return values.count == elements.count ? values : nil
  }
}

extension ComponentRecord.Good {
  init?(json: JSONValue) {
    guard let version = json["version"].flatMap({ ComponentGuilt.Version(json: $0) }),
      let isKept = json["kept"]?.bool
    else { return nil }
    self.init(version: version, isKept: isKept)
  }
}

extension ComponentGuilt.Version {
  var json: JSONValue { ["name": .string(name), "digest": .string(digest)] }

  init?(json: JSONValue) {
    guard let name = json["name"]?.string, let digest = json["digest"]?.string else { return nil }
    self.init(name: name, digest: digest)
  }
}

extension ComponentGuilt.Deaths {
  var json: JSONValue {
    [
      "version": version.json, "input": .string(input), "agent": .string(agent),
      "count": .integer(Int64(count)), "first": .integer(first.nanoseconds),
      "last": .integer(last.nanoseconds), "code": .string(code), "message": .string(message),
    ]
  }

  init?(json: JSONValue) {
    guard let version = json["version"].flatMap({ ComponentGuilt.Version(json: $0) }),
      let input = json["input"]?.string, let agent = json["agent"]?.string,
      let count = json["count"]?.integer.flatMap({ Int(exactly: $0) }), count > 0,
      let first = json["first"]?.integer, let last = json["last"]?.integer,
      let code = json["code"]?.string, let message = json["message"]?.string
    else { return nil }
    self.init(
      version: version, input: input, agent: agent, count: count,
      first: Instant(nanoseconds: first), last: Instant(nanoseconds: last), code: code,
      message: message)
  }
}

extension ComponentGuilt.Answer {
  var json: JSONValue {
    [
      "version": version.json, "input": .string(input), "agent": .string(agent),
      "time": .integer(time.nanoseconds), "experiment": .bool(isExperiment),
    ]
  }

  init?(json: JSONValue) {
    guard let version = json["version"].flatMap({ ComponentGuilt.Version(json: $0) }),
      let input = json["input"]?.string, let agent = json["agent"]?.string,
      let time = json["time"]?.integer, let isExperiment = json["experiment"]?.bool
    else { return nil }
    self.init(
      version: version, input: input, agent: agent, time: Instant(nanoseconds: time),
      isExperiment: isExperiment)
  }
}

extension ComponentGuilt {
  var json: JSONValue {
    [
      "culprit": .string(culprit.rawValue), "versions": .array(versions.map(\.json)),
      "input": .string(input), "agent": .string(agent), "instead": instead?.json ?? .null,
      "since": .integer(since.nanoseconds), "deaths": .array(deaths.map(\.json)),
      "answers": .array(answers.map(\.json)),
    ]
  }

  init?(json: JSONValue) {
    guard let culprit = json["culprit"]?.string.flatMap({ Culprit(rawValue: $0) }),
      let versions = ComponentRecord.all(json["versions"], { Version(json: $0) }),
      !versions.isEmpty, let input = json["input"]?.string, let agent = json["agent"]?.string,
      let since = json["since"]?.integer,
      let deaths = ComponentRecord.all(json["deaths"], { Deaths(json: $0) }),
      let answers = ComponentRecord.all(json["answers"], { Answer(json: $0) })
    else { return nil }
    let instead = json["instead"].flatMap { Version(json: $0) }
    // What is called instead has to be known, where something is.
    if instead == nil, culprit != .input { return nil }
    self.init(
      culprit: culprit, versions: versions, input: input, agent: agent, instead: instead,
      since: Instant(nanoseconds: since), deaths: deaths, answers: answers)
  }
}
