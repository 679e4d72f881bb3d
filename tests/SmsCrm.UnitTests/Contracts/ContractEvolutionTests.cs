using SmsCrm.Contracts.V1;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Contracts;

/// <summary>
/// The contract against what was published before (baseline.json). After an addition: SMSCRM_UPDATE_BASELINE=1 with this test writes the
/// new baseline, unless a rule is broken.
/// </summary>
public sealed class ContractEvolutionTests
{
    private static readonly string Folder = Path.Combine(Checkout.Root, "tests", "SmsCrm.UnitTests", "Contracts");
    private static readonly ContractShape Current = ContractShape.Of(IngestReflection.Descriptor, RecordsReflection.Descriptor);

    [Fact]
    public void The_contract_breaks_nobody_who_knows_its_baseline() =>
        Assert.Empty(ContractEvolution.Violations(Baseline("baseline.json"), Current));

    [Fact]
    public void Additions_are_in_the_baseline_so_that_they_too_are_held_to_the_rules()
    {
        var path = Path.Combine(Folder, "baseline.json");
        if (Environment.GetEnvironmentVariable("SMSCRM_UPDATE_BASELINE") == "1"
            && (!File.Exists(path) || ContractEvolution.Violations(Baseline("baseline.json"), Current).Count == 0))
        {
            File.WriteAllText(path, Current.ToJson());
        }

        Assert.Equal(Current.ToJson(), File.ReadAllText(path));
    }

    /// <summary>violated.json is a baseline that the contract of today breaks once by each rule.</summary>
    [Fact]
    public void Every_kind_of_break_is_reported()
    {
        var violations = ContractEvolution.Violations(Baseline("violated.json"), Current);

        Assert.Equal(
            [
                "smscrm.v1.Campaign was removed: records and clients that know it stay.",
                "smscrm.v1.SendRequest: 1 was 'to: fixed64' and is 'to: string' now: a number keeps its name and its type; take a new number and reserve this one.",
                "smscrm.v1.SendRequest: 2 was 'text: string' and is 'body: string' now: a number keeps its name and its type; take a new number and reserve this one.",
                "smscrm.v1.SendRequest: 6 was 'sender: string' and is 'sender: string of from' now: a number keeps its name and its type; take a new number and reserve this one.",
                "smscrm.v1.SendRequest: 15 was 'links: smscrm.v1.Link' and is 'links: repeated smscrm.v1.Link' now: a number keeps its name and its type; take a new number and reserve this one.",
                "smscrm.v1.SendRequest: 99 ('priority: int32') was removed without 'reserved 99;'.",
                "smscrm.v1.EventRecord: 5 is no longer reserved: whoever had it may still send it.",
                "smscrm.v1.Purpose: 2 was PURPOSE_PROMOTION and is PURPOSE_MARKETING now: a value keeps its number and its name.",
                "smscrm.v1.Purpose: 3 was PURPOSE_TEST and is gone now: a value keeps its number and its name.",
                "smscrm.v1.MessageIngest.Pause was removed: answer UNIMPLEMENTED with a sentence instead.",
                "smscrm.v1.MessageIngest.SendStream was 'smscrm.v1.SendRequest -> stream smscrm.v1.SendResult' and is 'stream smscrm.v1.SendRequest -> stream smscrm.v1.SendResult' now: make a new method.",
            ],
            violations);
    }

    [Fact]
    public void A_removed_field_whose_number_is_reserved_breaks_nobody()
    {
        var baseline = Baseline("violated.json");
        foreach (var message in baseline.Fields.Keys.Where(static k => k != "smscrm.v1.EventRecord").ToList())
        {
            baseline.Fields.Remove(message);
        }

        // EventRecord's number 3 was a field there; today it is reserved.
        Assert.DoesNotContain(ContractEvolution.Violations(baseline, Current), static v => v.Contains("inbound", StringComparison.Ordinal));
    }

    private static ContractShape Baseline(string file) => ContractShape.Parse(File.ReadAllText(Path.Combine(Folder, file)));
}
