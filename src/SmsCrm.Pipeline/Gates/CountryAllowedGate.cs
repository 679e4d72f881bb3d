using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>Texts go to the countries that the tenant allows: fraud by premium numbers abroad is the costliest mistake in this trade.</summary>
internal sealed class CountryAllowedGate : IGate
{
    public string Name => "country_allowed";

    public GateDecision Judge(in GateInput input) => input.Rules.Countries.Count == 0 || input.Rules.Countries.Contains(input.Country)
        ? GateDecision.Pass
        : Say.Reject(
            Name,
            Reason.CountryNotAllowed,
            "Texts to this recipient's country are not allowed for your account. Allow the country in your gate settings to send there.",
            ("country", input.Country),
            ("rules", input.Rules.Version));
}
