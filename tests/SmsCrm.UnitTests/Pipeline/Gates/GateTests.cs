using System.Text.Json;
using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Pipeline.Gates;

public sealed class GateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Active", null, null)]
    [InlineData("Paused", "defer", Reason.TenantPaused)]
    [InlineData("Suspended", "reject", Reason.TenantSuspended)]
    [InlineData("Unknown", "reject", Reason.TenantUnknown)]
    public void The_tenants_standing_decides(string standing, string? decision, Reason? reason) =>
        AssertDecision(new TenantActiveGate(TimeSpan.FromSeconds(15)), Input() with { Tenant = Enum.Parse<TenantStanding>(standing) }, decision, reason);

    [Theory]
    [InlineData(14155550100, null)]
    [InlineData(1_000_000, null)]
    [InlineData(999_999_999_999_999, null)]
    [InlineData(999_999, "reject")]
    [InlineData(0, "reject")]
    [InlineData(1_000_000_000_000_000, "reject")]
    public void A_number_has_7_to_15_digits(long digits, string? decision) =>
        AssertDecision(new NumberValidGate(), Input() with { Recipient = new PhoneNumber(digits) }, decision, Reason.NumberInvalid);

    [Theory]
    [InlineData(442079460018, "reject")] // London
    [InlineData(447400123456, null)] // a British mobile
    [InlineData(4930123456, "reject")] // Berlin
    [InlineData(4915123456789, null)] // a German mobile
    [InlineData(33612345678, null)] // a French mobile
    [InlineData(449098790000, "reject")] // British premium rate
    [InlineData(12125550100, null)] // New York: the plan does not tell
    [InlineData(19005550100, "reject")] // North American premium rate
    [InlineData(8001234567890, null)] // of no country: nothing is known
    public void A_number_whose_kind_takes_no_texts_is_not_texted(long digits, string? decision) =>
        AssertDecision(new MobileCapableGate(), Input() with { Recipient = new PhoneNumber(digits) }, decision, Reason.NotMobile);

    [Theory]
    [InlineData(null, null, null)] // never suppressed
    [InlineData(-60, null, "reject")] // open
    [InlineData(-60, -10, null)] // lifted before the message was accepted (5 s ago)
    [InlineData(-60, -1, "reject")] // lifted after that
    [InlineData(-60, -5, "reject")] // in the same millisecond: the opt-out wins
    [InlineData(-2, -10, "reject")] // suppressed again after it was lifted
    public void A_stop_covers_what_was_accepted_before_it_was_lifted(int? suppressedAt, int? liftedAt, string? decision) =>
        AssertDecision(
            new SuppressionGate(),
            Input() with { AcceptedAt = Now.AddSeconds(-5), Suppression = new SuppressionFacts(At(suppressedAt), At(liftedAt)) },
            decision,
            Reason.Suppressed);

    [Theory]
    [InlineData(null, null)]
    [InlineData(3, null)]
    [InlineData(2, null)]
    [InlineData(1, "reject")] // it could begin after that, on the facts as they are
    [InlineData(-1, "reject")]
    public void Nothing_may_begin_after_valid_until(int? validUntil, string? decision) =>
        AssertDecision(new ExpiryGate(), Input() with { ValidUntil = At(validUntil) }, decision, Reason.Expired);

    [Theory]
    [InlineData(null, null)]
    [InlineData(0, null)]
    [InlineData(-10, null)]
    [InlineData(1, "defer")]
    public void A_scheduled_message_waits_for_its_time(int? sendAt, string? decision)
    {
        var verdict = AssertDecision(new ScheduledGate(), Input() with { SendAt = At(sendAt) }, decision, Reason.Scheduled);

        if (verdict is GateDecision.Defer deferred)
        {
            Assert.Equal(At(sendAt), deferred.Until);
        }
    }

    [Fact]
    public void A_rejection_is_said_even_where_an_earlier_gate_would_defer()
    {
        using var meters = new TestMeters();
        var gates = new GateList(new GatesOptions(), new GatesMetrics(meters));

        var decision = gates.Judge(Input() with { Tenant = TenantStanding.Paused, Suppression = new SuppressionFacts(Now, null) });

        Assert.Equal(Reason.Suppressed, Assert.IsType<GateDecision.Reject>(decision).Verdict.Reason);
    }

    [Fact]
    public void Of_several_deferrals_the_longest_counts()
    {
        using var meters = new TestMeters();
        var gates = new GateList(new GatesOptions(), new GatesMetrics(meters));

        var decision = gates.Judge(Input() with { Tenant = TenantStanding.Paused, SendAt = Now.AddDays(1) });

        Assert.Equal(Now.AddDays(1), Assert.IsType<GateDecision.Defer>(decision).Until);
    }

    [Fact]
    public void What_nothing_stops_passes()
    {
        using var meters = new TestMeters();

        Assert.Same(GateDecision.Pass, new GateList(new GatesOptions(), new GatesMetrics(meters)).Judge(Input()));
    }

    private static GateDecision AssertDecision(IGate gate, GateInput input, string? decision, Reason? reason)
    {
        var judged = gate.Judge(in input);
        var (said, why, detail) = judged switch
        {
            GateDecision.Reject reject => ("reject", reject.Verdict.Reason, reject.Verdict.Detail),
            GateDecision.Defer defer => ("defer", defer.Reason, defer.Detail),
            _ => (null, Reason.None, null),
        };
        Assert.Equal(decision, said);
        if (detail is not null)
        {
            Assert.Equal(reason, why);
            using var json = JsonDocument.Parse(detail);
            Assert.Equal(gate.Name, json.RootElement.GetProperty("gate").GetString());
            Assert.EndsWith(".", json.RootElement.GetProperty("sentence").GetString(), StringComparison.Ordinal);
            Assert.Equal(JsonValueKind.Object, json.RootElement.GetProperty("facts").ValueKind);
        }

        return judged;
    }

    private static DateTimeOffset? At(int? seconds) => seconds is { } s ? Now.AddSeconds(s) : null;

    private static GateInput Input() => new(
        new PhoneNumber(14155550100), Purpose.Transactional, Now.AddSeconds(-1), null, null, TenantStanding.Active, default, Now)
    { Country = "US" };
}
