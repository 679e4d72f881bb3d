using SmsCrm.Pipeline;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline;

public sealed class SenderRuleTests
{
    private static readonly TenantId Tenant = new(Guid.CreateVersion7());
    private static readonly AccountEntry Active = Entry(isHalted: false);
    private static readonly AccountEntry Halted = Entry(isHalted: true);

    [Fact]
    public void A_request_that_names_nothing_goes_from_the_default_pool() =>
        Assert.Equal("+12025550101", ChosenFrom(Choose([Sender("+12025550101"), Sender("+12025550102", pool: "other")])));

    [Fact]
    public void A_named_pool_is_used() =>
        Assert.Equal("+12025550102", ChosenFrom(Choose([Sender("+12025550101"), Sender("+12025550102", pool: "other")], pool: "other")));

    [Fact]
    public void A_named_sender_is_used() =>
        Assert.Equal("+12025550102", ChosenFrom(Choose([Sender("+12025550101"), Sender("+12025550102")], address: "+12025550102")));

    [Fact]
    public void Blocked_senders_are_left_out()
    {
        Assert.Equal("+12025550102", ChosenFrom(Choose([Sender("+12025550101", isActive: false), Sender("+12025550102")])));
        AssertRejected(Choose([Sender("+12025550101", isActive: false)]), "no active sender");
        AssertRejected(Choose([Sender("+12025550101", isActive: false)], address: "+12025550101"), "blocked");
    }

    [Fact]
    public void A_sender_that_is_not_the_tenants_is_refused() => AssertRejected(Choose([], address: "+12025550101"), "not one of your senders");

    [Fact]
    public void While_the_account_is_halted_messages_wait()
    {
        var sender = Sender("+12025550101", account: Halted);

        Assert.Equal(sender.Id, Assert.IsType<SenderDecision.Unavailable>(Choose([sender])).SenderId);
        Assert.Equal(sender.Id, Assert.IsType<SenderDecision.Unavailable>(Choose([sender], address: sender.Address)).SenderId);
    }

    [Theory]
    [InlineData("short_code", "US", true)]
    [InlineData("short_code", "GB", false)]
    [InlineData("toll_free", "CA", true)]
    [InlineData("toll_free", "FR", false)]
    [InlineData("alphanumeric", "GB", true)]
    [InlineData("alphanumeric", "US", false)]
    [InlineData("long_code", "GB", true)]
    public void A_sender_texts_to_the_countries_that_its_kind_allows(string kind, string country, bool may)
    {
        var sender = Sender("+12025550101") with { Kind = kind };

        if (may)
        {
            Assert.IsType<SenderDecision.Chosen>(Choose([sender], country: country));
        }
        else
        {
            AssertRejected(Choose([sender], country: country), country);
            AssertRejected(Choose([sender], address: sender.Address, country: country), country);
        }
    }

    [Fact]
    public void A_list_of_its_own_goes_before_its_kind()
    {
        var german = Sender("ACME") with { Kind = "alphanumeric", Countries = ["DE"] };

        Assert.Equal("ACME", ChosenFrom(Choose([german], country: "DE")));
        AssertRejected(Choose([german], country: "FR"), "FR");
    }

    [Fact]
    public void An_account_that_stands_by_sends_only_when_no_other_one_can()
    {
        var standby = Entry(isHalted: false) with { Weight = 0 };
        var (main, second) = (Sender("+12025550101"), Sender("+12025550102", account: standby));
        var halted = Sender("+12025550103", account: Halted);

        Assert.Equal(main.Address, ChosenFrom(Choose([main, second], more: standby)));
        Assert.Equal(second.Address, ChosenFrom(Choose([halted, second], more: standby)));
    }

    [Fact]
    public void While_an_account_is_out_of_order_another_one_sends_for_its_pool()
    {
        var other = Entry(isHalted: false);
        var (main, second) = (Sender("+12025550101"), Sender("+12025550102", account: other));

        Assert.All(Recipients, to => Assert.Equal(second.Address, ChosenFrom(Choose([main, second], more: other, to: to, isOut: main.AccountId))));
        Assert.Contains(Recipients, to => ChosenFrom(Choose([main, second], more: other, to: to)) == main.Address);
    }

    [Fact]
    public void An_account_that_stands_by_takes_over_while_the_main_one_is_out_of_order()
    {
        var standby = Entry(isHalted: false) with { Weight = 0 };
        var (main, second) = (Sender("+12025550101"), Sender("+12025550102", account: standby));

        Assert.Equal(second.Address, ChosenFrom(Choose([main, second], more: standby, isOut: main.AccountId)));
    }

    [Fact]
    public void A_sender_that_is_named_and_a_pool_of_one_account_wait_for_it()
    {
        var other = Entry(isHalted: false);
        var (main, second) = (Sender("+12025550101"), Sender("+12025550102", account: other));

        Assert.Equal(main.Address, ChosenFrom(Choose([main, second], address: main.Address, more: other, isOut: main.AccountId)));
        Assert.Equal(main.Address, ChosenFrom(Choose([main], isOut: main.AccountId)));
    }

    private static IEnumerable<long> Recipients => Enumerable.Range(0, 50).Select(i => 14155550100L + i);

    private static SenderDecision Choose(
        Sender[] senders,
        string address = "",
        string pool = "",
        string country = "US",
        AccountEntry? more = null,
        long to = 14155550100,
        Guid? isOut = null) =>
        SenderRule.Choose(
            new ProviderSnapshot(1, [], more is null ? [Active, Halted] : [Active, Halted, more], senders),
            Tenant, address, pool, new PhoneNumber(to), country, sender => sender.AccountId == isOut);

    private static string ChosenFrom(SenderDecision decision) => Assert.IsType<SenderDecision.Chosen>(decision).Sender.Address;

    private static void AssertRejected(SenderDecision decision, string sentence)
    {
        var verdict = Assert.IsType<SenderDecision.NoSender>(decision).Verdict;
        Assert.Equal(Reason.NoSender, verdict.Reason);
        Assert.Contains(sentence, verdict.Detail, StringComparison.Ordinal);
    }

    private static Sender Sender(string address, string pool = "default", bool isActive = true, AccountEntry? account = null) =>
        new(Guid.CreateVersion7(), Tenant, (account ?? Active).Account.Id, address, "long_code", pool, 1, isActive);

    private static AccountEntry Entry(bool isHalted) => new(
        new ProviderAccount(Guid.CreateVersion7(), Tenant, $"AC{Guid.CreateVersion7():N}", "secret", new Uri("http://localhost"), 100, 10),
        isHalted,
        isHalted ? "authentication" : null);
}
