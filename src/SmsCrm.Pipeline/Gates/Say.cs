using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>What gates answer, with the text that explains it.</summary>
internal static class Say
{
    public static GateDecision Reject(string gate, Reason reason, string sentence, params ReadOnlySpan<(string Name, object? Value)> facts) =>
        new GateDecision.Reject(new Verdict(reason, VerdictText.Json(gate, sentence, null, facts)));

    public static GateDecision Defer(
        string gate, Reason reason, DateTimeOffset until, string sentence, params ReadOnlySpan<(string Name, object? Value)> facts) =>
        new GateDecision.Defer(reason, until, VerdictText.Json(gate, sentence, until, facts));
}
