using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline.Provider;

public sealed class ProviderSnapshotTests
{
    private static readonly TenantId Acme = new(new Guid("01890000-0000-7000-8000-00000000000a"));
    private static readonly TenantId Other = new(new Guid("01890000-0000-7000-8000-00000000000b"));
    private static readonly AccountEntry Working = Account(1, Acme, halted: false);
    private static readonly AccountEntry Halted = Account(2, Acme, halted: true);

    [Fact]
    public void A_pool_holds_active_senders_of_active_accounts_in_a_stable_order()
    {
        var second = Sender(12, Acme, Working, "10002");
        var first = Sender(11, Acme, Working, "10001");
        var blocked = Sender(13, Acme, Working, "10003") with { IsActive = false };
        var ofHalted = Sender(14, Acme, Halted, "10004");
        var elsewhere = Sender(15, Acme, Working, "10005") with { Pool = "codes" };
        var of = new ProviderSnapshot(1, [], [Working, Halted], [second, first, blocked, ofHalted, elsewhere]);

        Assert.Equal([first, second], of.Pool(Acme, "default"));
        Assert.Equal([elsewhere], of.Pool(Acme, "codes"));
        Assert.Empty(of.Pool(Other, "default"));
    }

    [Fact]
    public void A_sender_of_an_account_that_cannot_be_used_is_in_no_pool()
    {
        var of = new ProviderSnapshot(1, [], [], [Sender(11, Acme, Working, "10001")]);

        Assert.Empty(of.Pool(Acme, "default"));
    }

    [Fact]
    public void Accounts_and_senders_are_found_by_their_tenant_alone()
    {
        var sender = Sender(11, Acme, Working, "10001");
        var of = new ProviderSnapshot(1, [], [Working], [sender]);

        Assert.Same(Working, of.Account(Acme, Working.Account.AccountSid));
        Assert.Null(of.Account(Other, Working.Account.AccountSid));
        Assert.Same(sender, of.Sender(Acme, "10001"));
        Assert.Null(of.Sender(Other, "10001"));
    }

    private static AccountEntry Account(int number, TenantId tenant, bool halted) => new(
        new ProviderAccount(Id(number), tenant, $"AC{number:x32}", "token", new Uri("http://127.0.0.1:1"), 100, 10), halted, null);

    private static Sender Sender(int number, TenantId tenant, AccountEntry account, string address) =>
        new(Id(number), tenant, account.Account.Id, address, "short_code", "default", 100, IsActive: true);

    private static Guid Id(int number) => new($"01890000-0000-7000-8000-{number:x12}");
}
