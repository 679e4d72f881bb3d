using SmsCrm.LoadTests.Webhooks;

namespace SmsCrm.UnitTests.LoadTests;

public sealed class WebhooksPlanTests
{
    private readonly WebhooksPlan _plan = new(tenants: 500, endpoints: 5_000, hanging: 50, failing: 50);

    [Fact]
    public void As_many_hang_and_fail_as_were_asked_for_and_all_others_are_good()
    {
        Assert.Equal(50, _plan.Of(EndpointClass.Hanging).Count);
        Assert.Equal(50, _plan.Of(EndpointClass.Failing).Count);
        Assert.Equal(4_900, _plan.Of(EndpointClass.Good).Count);
    }

    [Fact]
    public void Those_that_misbehave_are_spread_over_the_tenants_from_the_largest_on_in_turn()
    {
        var hanging = _plan.Of(EndpointClass.Hanging).Select(_plan.TenantOf).Order().Take(3);
        var failing = _plan.Of(EndpointClass.Failing).Select(_plan.TenantOf).Order().Take(3);

        Assert.Equal([5, 15, 25], hanging);
        Assert.Equal([0, 10, 20], failing);
        Assert.Equal([9, 10], [_plan.GoodOf(0), _plan.GoodOf(1)]);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(17, 2)]
    public void A_tenant_may_have_several_that_misbehave_and_one_kind_may_be_absent(int hanging, int failing)
    {
        var plan = new WebhooksPlan(tenants: 2, endpoints: 20, hanging, failing);

        Assert.Equal((hanging, failing), (plan.Of(EndpointClass.Hanging).Count, plan.Of(EndpointClass.Failing).Count));
        Assert.Equal(20 - hanging - failing, plan.GoodOf(0) + plan.GoodOf(1));
    }

    [Fact]
    public void Every_endpoint_has_a_loopback_address_of_its_own()
    {
        var addresses = Enumerable.Range(0, 70_000).Select(WebhooksPlan.AddressOf).ToHashSet();

        Assert.Equal(70_000, addresses.Count);
        Assert.All([0, 249, 250, 62_499, 62_500, 69_999], endpoint => Assert.Equal(127, WebhooksPlan.AddressOf(endpoint).GetAddressBytes()[0]));
        Assert.Equal("127.1.0.1", WebhooksPlan.AddressOf(0).ToString());
        Assert.Equal("127.2.0.1", WebhooksPlan.AddressOf(62_500).ToString());
    }

    [Fact]
    public void The_kth_tenant_has_a_share_of_one_in_k_and_the_same_seed_draws_the_same()
    {
        var plan = new WebhooksPlan(tenants: 2, endpoints: 2, hanging: 0, failing: 0);

        var drawn = plan.DrawTenants(30_000, seed: 1);

        Assert.InRange(drawn.Count(tenant => tenant == 0), 19_500, 20_500);
        Assert.Equal(drawn, plan.DrawTenants(30_000, seed: 1));
        Assert.NotEqual(drawn, plan.DrawTenants(30_000, seed: 2));
    }
}
