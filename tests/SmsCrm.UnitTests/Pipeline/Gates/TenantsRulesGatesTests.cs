using System.Collections.Frozen;
using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Pipeline.Gates;

/// <summary>The gates that a tenant's rules decide.</summary>
public sealed class TenantsRulesGatesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 14, 18, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("US", true)]
    [InlineData("CA", true)]
    [InlineData("GB", false)]
    [InlineData("", false)]
    public void By_default_texts_go_to_North_America_only(string country, bool goes) =>
        AssertGoes(goes, Reason.CountryNotAllowed, new CountryAllowedGate(), Marketing() with { Country = country });

    [Fact]
    public void An_empty_list_of_countries_allows_all() =>
        AssertGoes(true, default, new CountryAllowedGate(), Marketing() with { Country = "GB", Rules = new TenantRules { Countries = FrozenSet<string>.Empty } });

    [Theory]
    [InlineData(Purpose.Marketing, "Given", ConsentRule.Required, true)]
    [InlineData(Purpose.Marketing, "Unknown", ConsentRule.Required, false)]
    [InlineData(Purpose.Marketing, "Unknown", ConsentRule.UnlessRevoked, true)]
    [InlineData(Purpose.Marketing, "Revoked", ConsentRule.UnlessRevoked, false)]
    [InlineData(Purpose.Transactional, "Unknown", ConsentRule.Required, true)]
    [InlineData(Purpose.Transactional, "Revoked", ConsentRule.Required, false)]
    public void Marketing_needs_a_yes_and_a_no_always_counts(Purpose purpose, string consent, ConsentRule rule, bool goes) =>
        AssertGoes(goes, Reason.NoConsent, new ConsentGate(), Marketing() with
        {
            Purpose = purpose,
            Consent = new ConsentFacts(Enum.Parse<ConsentState>(consent), Now.AddDays(-1), "a form"),
            Rules = new TenantRules { MarketingConsent = rule },
        });

    [Theory]
    [InlineData("Sale! Reply STOP to opt out", false, true)]
    [InlineData("Sale! Text stop to end", false, true)]
    [InlineData("Sale!", false, false)]
    [InlineData("Sale!", true, true)]
    public void The_first_marketing_text_says_how_to_opt_out(string body, bool hadOneBefore, bool goes) =>
        AssertGoes(goes, Reason.Content, new ContentGate(), Marketing() with
        {
            Body = body,
            Recent = hadOneBefore ? new RecentTexts([new RecentText(Now.AddDays(-20), Purpose.Marketing, 1)]) : RecentTexts.None,
        });

    [Theory]
    [InlineData("See https://bit.ly/abc STOP", false)]
    [InlineData("See (BIT.LY/abc). STOP", false)]
    [InlineData("See www.tinyurl.com/x STOP", false)]
    [InlineData("See short.example/x STOP", false)]
    [InlineData("See https://shop.example/bit.ly STOP", true)]
    [InlineData("See https://notbit.ly/x STOP", true)]
    [InlineData("It costs 4.50 STOP", true)]
    public void Public_shorteners_and_the_tenants_banned_hosts_do_not_go(string body, bool goes) =>
        AssertGoes(goes, Reason.Content, new ContentGate(), Marketing() with
        {
            Body = body,
            Rules = new TenantRules { Content = new ContentRules { BannedHosts = ["short.example"] } },
        });

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void A_text_has_no_more_segments_than_the_tenant_allows(int segments, bool goes) =>
        AssertGoes(goes, Reason.Content, new ContentGate(), Marketing() with
        {
            Body = "STOP",
            Segments = segments,
            Rules = new TenantRules { Content = new ContentRules { MaxSegments = 3 } },
        });

    [Theory]
    [InlineData(1, false)] // one in the last hour, and one is allowed
    [InlineData(59, false)]
    [InlineData(60, true)] // it has just left the window
    [InlineData(120, true)]
    public void A_cap_counts_in_a_sliding_window(int minutesAgo, bool goes) =>
        AssertGoes(goes, Reason.FrequencyCap, new FrequencyCapGate(), Marketing() with
        {
            Rules = new TenantRules { FrequencyCaps = [new FrequencyCap(null, 1, TimeSpan.FromHours(1))] },
            Recent = new RecentTexts([new RecentText(Now.AddMinutes(-minutesAgo), Purpose.Transactional, 1)]),
        });

    [Fact]
    public void A_cap_of_one_purpose_does_not_count_the_other() =>
        AssertGoes(true, default, new FrequencyCapGate(), Marketing() with
        {
            Rules = new TenantRules { FrequencyCaps = [new FrequencyCap(Purpose.Marketing, 1, TimeSpan.FromHours(1))] },
            Recent = new RecentTexts([new RecentText(Now.AddMinutes(-1), Purpose.Transactional, 1)]),
        });

    [Theory]
    [InlineData("US-FL", false)]
    [InlineData("US-OK", false)]
    [InlineData("US-NY", true)]
    public void Florida_and_Oklahoma_allow_three_solicitations_a_day(string state, bool goes) =>
        AssertGoes(goes, Reason.FrequencyCap, new FrequencyCapGate(), Marketing() with
        {
            Region = state,
            Recent = new RecentTexts([.. Enumerable.Range(1, 3).Select(n => new RecentText(Now.AddHours(-n), Purpose.Marketing, n))]),
        });

    [Theory]
    [InlineData(7, 10, false)]
    [InlineData(7, 61, true)]
    [InlineData(8, 10, true)]
    public void The_same_body_does_not_go_twice_within_the_window(long hash, int minutesAgo, bool goes) =>
        AssertGoes(goes, Reason.DuplicateContent, new DuplicateContentGate(), Marketing() with
        {
            ContentHash = 7,
            Rules = new TenantRules { DuplicateWindow = TimeSpan.FromHours(1) },
            Recent = new RecentTexts([new RecentText(Now.AddMinutes(-minutesAgo), Purpose.Marketing, hash)]),
        });

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(0, 90, null)]
    [InlineData(0, 91, "defer")] // only holds stand in the way
    [InlineData(91, 0, "reject")]
    [InlineData(50, 41, "defer")]
    public void Money_that_is_spent_rejects_and_money_that_is_held_defers(long spent, long held, string? decision)
    {
        var said = new BudgetGate(TimeSpan.FromSeconds(5)).Judge(Marketing() with { CostMicros = 10, Budgets = [new BudgetFacts(true, 100, held, spent)] });

        Assert.Equal(decision, said switch { GateDecision.Reject => "reject", GateDecision.Defer => "defer", _ => null });
    }

    [Fact]
    public void The_platforms_own_list_counts_for_every_tenant() =>
        AssertGoes(false, Reason.Suppressed, new SuppressionGate(), Marketing() with { PlatformSuppression = new SuppressionFacts(Now.AddDays(-1), null) });

    [Fact]
    public void A_paused_campaign_waits()
    {
        var said = new CampaignPausedGate(TimeSpan.FromSeconds(15)).Judge(Marketing() with { IsCampaignPaused = true });

        Assert.Equal(Reason.CampaignPaused, Assert.IsType<GateDecision.Defer>(said).Reason);
    }

    [Fact]
    public void A_tenant_may_order_its_gates_and_switch_off_those_that_may_be()
    {
        using var meters = new TestMeters();
        var gates = new GateList(new GatesOptions(), new GatesMetrics(meters));
        var wrongTwice = Marketing() with { Country = "GB", Body = "https://bit.ly/x" };
        var contentFirst = new TenantRules { GateOrder = ["content"] };
        var neither = new TenantRules { GatesOff = FrozenSet.Create("content", "country_allowed", "consent", "quiet_hours", "suppression") };

        Assert.Equal(Reason.CountryNotAllowed, Rejected(gates.Judge(wrongTwice)));
        Assert.Equal(Reason.Content, Rejected(gates.Judge(wrongTwice with { Rules = contentFirst })));
        Assert.Same(GateDecision.Pass, gates.Judge(wrongTwice with { Rules = neither }));
        Assert.Equal(Reason.Suppressed, Rejected(gates.Judge(wrongTwice with { Rules = neither, Suppression = new SuppressionFacts(Now, null) })));
    }

    [Fact]
    public void The_names_in_settings_are_those_of_the_gates()
    {
        using var meters = new TestMeters();

        Assert.Equal(GateNames.All, new GateList(new GatesOptions(), new GatesMetrics(meters)).Names);
    }

    [Fact]
    public void A_document_of_rules_comes_back_as_it_was_written()
    {
        var rules = new TenantRules
        {
            GateOrder = ["content"],
            GatesOff = FrozenSet.Create("consent"),
            Countries = FrozenSet.Create("US", "GB"),
            MarketingConsent = ConsentRule.UnlessRevoked,
            QuietHours = new QuietHoursRules
            {
                Hours = [new AllowedHours(FrozenSet.Create(DayOfWeek.Monday), new TimeOnly(10, 0), new TimeOnly(11, 30), "US-TX", true)],
                AreaCodeMakesState = false,
                IsConservative = true,
                TransactionalToo = true,
            },
            FrequencyCaps = [new FrequencyCap(Purpose.Marketing, 2, TimeSpan.FromDays(1)), new FrequencyCap(null, 5, TimeSpan.FromDays(7))],
            DuplicateWindow = TimeSpan.FromHours(6),
            Content = new ContentRules { OptOutWordingFirst = false, BannedHosts = ["short.example"], MaxSegments = 4 },
        };

        var read = TenantRulesJson.Read(TenantRulesJson.Write(rules), version: 3);

        Assert.Equal(TenantRulesJson.Write(rules), TenantRulesJson.Write(read));
        Assert.Equal(3, read.Version);
        Assert.Empty(TenantRulesCheck.Errors(read));
    }

    [Fact]
    public void Every_error_of_a_document_is_said_at_once()
    {
        var wrong = new TenantRules
        {
            GatesOff = FrozenSet.Create("suppression", "nothing"),
            Countries = FrozenSet.Create("us"),
            FrequencyCaps = [new FrequencyCap(null, 0, TimeSpan.FromSeconds(1))],
            DuplicateWindow = TimeSpan.FromDays(31),
            QuietHours = new QuietHoursRules { Hours = [new AllowedHours(FrozenSet<DayOfWeek>.Empty, new TimeOnly(12, 0), new TimeOnly(11, 0))] },
        };

        var errors = TenantRulesCheck.Errors(wrong);

        Assert.Equal(8, errors.Count);
        Assert.All(errors, error => Assert.EndsWith(".", error, StringComparison.Ordinal));
    }

    private static void AssertGoes(bool goes, Reason reason, IGate gate, GateInput input)
    {
        var said = gate.Judge(in input);
        if (goes)
        {
            Assert.Same(GateDecision.Pass, said);
        }
        else
        {
            Assert.Equal(reason, Rejected(said));
        }
    }

    private static Reason Rejected(GateDecision said) => Assert.IsType<GateDecision.Reject>(said).Verdict.Reason;

    private static GateInput Marketing() =>
        new(new PhoneNumber(12125550100), Purpose.Marketing, Now.AddSeconds(-1), null, null, TenantStanding.Active, default, Now) { Country = "US" };
}
