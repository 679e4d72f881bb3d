namespace SmsCrm.IntegrationTests.TwilioSimulator;

/// <summary>The official Node SDK, pointed at the simulator by <c>client.api.baseUrl</c>.</summary>
public sealed class NodeSdkTests(NodeSdk sdk) : IClassFixture<NodeSdk>
{
    [Theory]
    [InlineData("create", 4)]
    [InlineData("fetch", 1)]
    [InlineData("list", 3)]
    [InlineData("update", 2)]
    [InlineData("remove", 1)]
    [InlineData("errors", 6)]
    public void The_node_sdk_works_unchanged(string group, int checks)
    {
        Assert.SkipUnless(sdk.Missing is null, sdk.Missing ?? "");

        Assert.All(sdk.Checks[group], check => Assert.True(check.Ok, $"{check.Name}: {check.Error}"));
        Assert.Equal(checks, sdk.Checks[group].Count());
    }
}
