import Approval
import Control
import Feedback
import Model
import Optimization
import PluginHost
import Sandbox
import Telemetry

/// What a running daemon is made of.
struct DaemonParts: Sendable {
  let home: HomeLayout
  let settings: Settings
  let roles: Roles
  let startedAt: Instant
  /// What of the databases is broken.
  let storage: StorageState
  /// What turns out broken while it serves.
  let damage: DamageWatch
  let storekeeper: Storekeeper
  /// What was wrong with files people write, and did not keep the daemon from starting.
  let warnings: [String]
  let feedback: FeedbackLoop
  let components: ComponentHost
  let confiner: Confiner
  let admiral: Admiral
  let engine: OptimizationEngine
  let loop: ContinuousLoop
  let metrics: MetricsRegistry
  let meters: Meters
  let events: EventBus
  let log: Log
}
