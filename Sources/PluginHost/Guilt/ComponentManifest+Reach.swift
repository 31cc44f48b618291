import Model
internal import Sandbox

extension ComponentManifest {
  /// Whether it may reach or break more than `other` may: paths and names are compared as written.
  func mayDoMore(than other: ComponentManifest) -> Bool {
    if risk > other.risk { return true }
    let (own, others) = (needs, other.needs)
    let areNamed =
      Set(own.read).isSubset(of: others.read) && Set(own.write).isSubset(of: others.write)
      && Set(own.network).isSubset(of: others.network) && Set(own.path).isSubset(of: others.path)
      && Set(own.environment).isSubset(of: others.environment)
    if !areNamed { return true }
    let memory = Confinement.Limits().memoryBytes >> 20
    let processes = ConfinedStarter.defaultProcessCount
    return own.memoryMegabytes ?? memory > others.memoryMegabytes ?? memory
      || own.processes ?? processes > others.processes ?? processes
  }
}
