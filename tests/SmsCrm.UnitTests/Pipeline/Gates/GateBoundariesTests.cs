using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Text.Json;
using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Pipeline.Gates;

/// <summary>What happens on the very edge of a rule, and what is said then.</summary>
public sealed class GateBoundariesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 14, 18, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(90, null)] // the last text that the limit pays
    [InlineData(91, "reject")]
    public void A_limit_is_spent_to_its_end(long spent, string? decision) => Assert.Equal(
        decision,
        new BudgetGate(TimeSpan.FromSeconds(5)).Judge(Marketing() with { CostMicros = 10, Budgets = [new BudgetFacts(true, 100, 0, spent)] }) is GateDecision.Reject ? "reject" : null);

    [Theory]
    [InlineData(true, "Your account's budget is used up.")]
    [InlineData(false, "The campaign's budget is used up.")]
    public void Whose_budget_is_used_up_is_said(bool isTenants, string sentence) => Assert.Equal(
        sentence, Sentence(new BudgetGate(TimeSpan.FromSeconds(5)).Judge(Marketing() with { CostMicros = 10, Budgets = [new BudgetFacts(isTenants, 5, 0, 0)] })));

    [Fact]
    public void What_waits_for_a_pause_or_for_money_is_looked_at_again_after_the_recheck()
    {
        var recheck = TimeSpan.FromSeconds(15);
        GateDecision[] said =
        [
            new BudgetGate(recheck).Judge(Marketing() with { CostMicros = 10, Budgets = [new BudgetFacts(true, 100, 100, 0)] }),
            new CampaignPausedGate(recheck).Judge(Marketing() with { IsCampaignPaused = true }),
            new TenantActiveGate(recheck).Judge(Marketing() with { Tenant = TenantStanding.Paused }),
        ];

        Assert.All(said, decision => Assert.Equal(Now.AddSeconds(15), Assert.IsType<GateDecision.Defer>(decision).Until));
    }

    [Theory]
    [InlineData(Purpose.Marketing, "marketing")]
    [InlineData(Purpose.Transactional, "transactional")]
    public void Which_purpose_was_said_no_to_is_said(Purpose purpose, string said) => Assert.Contains(
        said, Detail(new ConsentGate().Judge(Marketing() with { Purpose = purpose, Consent = new ConsentFacts(ConsentState.Revoked, Now, "call") })), StringComparison.Ordinal);

    [Fact]
    public void A_transactional_text_needs_no_words_about_opting_out() => Assert.Same(
        GateDecision.Pass, new ContentGate().Judge(Marketing() with { Purpose = Purpose.Transactional, Body = "Your code is 1234", Recent = RecentTexts.None }));

    [Fact]
    public void A_tenant_may_keep_its_own_words_about_opting_out() => Assert.Same(
        GateDecision.Pass,
        new ContentGate().Judge(Marketing() with { Body = "Sale", Recent = RecentTexts.None, Rules = new TenantRules { Content = new ContentRules { OptOutWordingFirst = false } } }));

    [Theory]
    [InlineData("://bit.ly/x STOP", false)] // nothing before the scheme's end
    [InlineData("/bit.ly STOP", true)] // a path, no host
    [InlineData("bit.ly. STOP", false)]
    [InlineData("bit.ly", false)]
    public void A_host_is_found_wherever_it_begins(string body, bool goes) =>
        Assert.Equal(goes, ReferenceEquals(GateDecision.Pass, new ContentGate().Judge(Marketing() with { Body = body })));

    [Theory]
    [InlineData(Purpose.Transactional, "US")]
    [InlineData(Purpose.Marketing, "CA")]
    public void Floridas_cap_is_of_solicitations_in_Florida(Purpose purpose, string country) => Assert.Same(
        GateDecision.Pass,
        new FrequencyCapGate().Judge(Marketing() with
        {
            Purpose = purpose,
            Country = country,
            Region = "US-FL",
            Recent = new RecentTexts([.. Enumerable.Range(1, 3).Select(n => new RecentText(Now.AddHours(-n), Purpose.Marketing, n))]),
        }));

    [Theory]
    [InlineData(-2_000, null)]
    [InlineData(-1_000, "reject")] // in the same millisecond: the opt-out wins
    [InlineData(-500, "reject")]
    public void What_was_accepted_while_the_platform_had_the_number_on_its_list_does_not_go(int liftedAtMs, string? decision) => Assert.Equal(
        decision,
        new SuppressionGate().Judge(Marketing() with { PlatformSuppression = new SuppressionFacts(Now.AddDays(-1), Now.AddMilliseconds(liftedAtMs)) }) is GateDecision.Reject ? "reject" : null);

    [Fact]
    public void Of_two_deferrals_of_the_same_length_the_first_gate_is_named()
    {
        using var meters = new TestMeters();

        var said = new GateList(new GatesOptions(), new GatesMetrics(meters)).Judge(Marketing() with
        {
            Purpose = Purpose.Transactional,
            Tenant = TenantStanding.Paused,
            IsCampaignPaused = true,
        });

        Assert.Equal(Reason.TenantPaused, Assert.IsType<GateDecision.Defer>(said).Reason);
    }

    [Fact]
    public void Each_verdict_is_counted_once_with_its_gate()
    {
        using var meters = new TestMeters();
        var gates = new GateList(new GatesOptions(), new GatesMetrics(meters));
        using var heard = new VerdictListener(meters);
        var passes = Marketing() with { Purpose = Purpose.Transactional };

        gates.Judge(passes);
        gates.Judge(passes with { Tenant = TenantStanding.Paused });
        gates.Judge(passes with { Suppression = new SuppressionFacts(Now, null) });

        Assert.Equal(["all pass ", "tenant_active defer tenant_paused", "suppression reject suppressed"], heard.Verdicts);
    }

    [Fact]
    public void What_the_claim_judges_again_is_what_the_gates_that_are_on_say()
    {
        using var meters = new TestMeters();
        var gates = new GateList(new GatesOptions(), new GatesMetrics(meters));
        var caps = new TenantRules { FrequencyCaps = [new FrequencyCap(null, 2, TimeSpan.FromHours(1))], DuplicateWindow = TimeSpan.FromMinutes(5) };
        var input = Marketing() with { Recent = RecentTexts.None, Rules = caps };

        var all = gates.LimitsOf(input);
        var noCap = gates.LimitsOf(input with { Rules = caps with { GatesOff = FrozenSet.Create(GateNames.FrequencyCap) } });
        var noWindow = gates.LimitsOf(input with { Rules = caps with { GatesOff = FrozenSet.Create(GateNames.DuplicateContent) } });

        Assert.Equal((1, TimeSpan.FromMinutes(5)), (all!.Caps.Count, all.DuplicateWindow));
        Assert.Equal((0, TimeSpan.FromMinutes(5)), (noCap!.Caps.Count, noCap.DuplicateWindow));
        Assert.Equal((1, TimeSpan.Zero), (noWindow!.Caps.Count, noWindow.DuplicateWindow));
        Assert.Null(gates.LimitsOf(input with { Recent = null }));
        Assert.Null(gates.LimitsOf(input with { Rules = TenantRules.Default }));
    }

    private static string Detail(GateDecision said) => said is GateDecision.Reject reject ? reject.Verdict.Detail! : ((GateDecision.Defer)said).Detail!;

    private static string Sentence(GateDecision said) => JsonElement.Parse(Detail(said)).GetProperty("sentence").GetString()!;

    private static GateInput Marketing() =>
        new(new PhoneNumber(12125550100), Purpose.Marketing, Now.AddSeconds(-1), null, null, TenantStanding.Active, default, Now) { Country = "US" };

    private sealed class VerdictListener : IDisposable
    {
        private readonly MeterListener _listener = new();

        public VerdictListener(TestMeters meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "smscrm.gates.verdicts" && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Verdicts.Add(string.Join(' ', tags.ToArray().Select(tag => tag.Value))));
            _listener.Start();
        }

        public List<string> Verdicts { get; } = [];

        public void Dispose() => _listener.Dispose();
    }
}
