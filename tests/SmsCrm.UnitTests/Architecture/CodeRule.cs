namespace SmsCrm.UnitTests.Architecture;

/// <summary>A rule of the design that compiled types are held to.</summary>
/// <param name="Id">Its name; the violations that it must report are called <c>Id_Something</c> (folder Violations).</param>
/// <param name="Sentence">What it demands.</param>
/// <param name="Complaints">What is wrong with a type; empty when nothing is.</param>
internal sealed record CodeRule(string Id, string Sentence, Func<CompiledType, IEnumerable<string>> Complaints)
{
    public IEnumerable<string> Check(IEnumerable<CompiledType> types) =>
        types.SelectMany(type => Complaints(type).Distinct().Select(complaint => $"{type.FullName} {complaint}"));

    /// <summary>What a type mentions of our own code, beyond the parts that it may.</summary>
    public static IEnumerable<string> Beyond(CompiledType type, Func<string, bool> mayUse) =>
        type.Mentions
            .Where(mention => mention.Namespace.StartsWith("SmsCrm.", StringComparison.Ordinal) && !mayUse(mention.Namespace))
            .Select(mention => $"uses {mention.FullName}");

    public static bool Under(string space, params string[] parents) =>
        parents.Any(parent => space == parent || space.StartsWith(parent + ".", StringComparison.Ordinal));
}
