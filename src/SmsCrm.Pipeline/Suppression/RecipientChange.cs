using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Suppression;

/// <summary>Where a change of a recipient's consent comes from: kept for ever, as evidence.</summary>
/// <param name="Source">What it is taken from (<c>inbound</c>, <c>provider</c>, <c>api</c>, <c>import</c>, a form's name), 1 to 100 characters.</param>
/// <param name="Actor">Who made it: a key's or command's name, <c>recipient</c>, <c>provider</c>; 1 to 200 characters.</param>
/// <param name="Wording">The words that were agreed to or said; up to 2,000 characters.</param>
public sealed record RecipientChange(string Source, string Actor, string? Wording = null)
{
    private const int WordingLength = 2_000;

    /// <summary>The recipient's own text.</summary>
    public static RecipientChange ByText(string body) => new("inbound", "recipient", ForeignText.Cut(ForeignText.Storable(body), WordingLength));
}
