namespace SmsCrm.Pipeline.Messages;

/// <summary>The verdict kept with a message: which gate said what, by which version of the rules, on which facts.</summary>
/// <param name="Detail">JSON: gate, sentence, facts, next eligible time. Kept on the event and on the row.</param>
public sealed record Verdict(Reason Reason, string Detail);
