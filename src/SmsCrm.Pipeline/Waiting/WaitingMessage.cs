using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>A message that waited and is due, on its way back into the pipeline.</summary>
/// <param name="Version">Of its row when it was read: only that row goes on.</param>
/// <param name="LaneDue">Its place in its lane, where it waited for its turn; null where it waited for anything else.</param>
/// <param name="Settled">Called once the ledger has committed what became of it.</param>
internal sealed record WaitingMessage(AcceptedMessage Message, RequestRecord Request, int Version, DateTimeOffset? LaneDue, Action Settled);

/// <summary>A lane that has something due.</summary>
/// <param name="DueAt">When its first message was due.</param>
/// <param name="Reason">Why that one waits.</param>
internal readonly record struct DueLane(LaneKey Key, DateTimeOffset DueAt, Reason Reason);

/// <summary>A row as read, with what the releaser must know before it is parsed.</summary>
internal readonly record struct DueRow(MessageId Id, int Version, DateTimeOffset DueAt, Reason Reason, int Segments, byte[]? Request);
