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

    private static SenderDecision Choose(Sender[] senders, string address = "", string pool = "") => SenderRule.Choose(
        new ProviderSnapshot(1, [], [Active, Halted], senders), Tenant, address, pool, new PhoneNumber(14155550100));

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
