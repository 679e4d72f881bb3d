using SmsCrm.Server.Roles;

namespace SmsCrm.UnitTests.Server.Roles;

public sealed class RoleNamesTests
{
    [Theory]
    [InlineData("all", ServerRoles.All)]
    [InlineData("ingest", ServerRoles.Ingest)]
    [InlineData(" send , record ", ServerRoles.Send | ServerRoles.Record)]
    [InlineData("crm,crm", ServerRoles.Crm)]
    internal void Names_separated_by_commas_are_roles(string text, ServerRoles expected)
    {
        var (roles, error) = RoleNames.Parse(text);

        Assert.Null(error);
        Assert.Equal(expected, roles);
    }

    [Theory]
    [InlineData("", "--roles is empty")]
    [InlineData(",", "--roles is empty")]
    [InlineData("ingest,sned", "--roles has 'sned'")]
    [InlineData("Ingest", "--roles has 'Ingest'")]
    public void What_is_no_role_is_named_with_the_remedy(string text, string expected)
    {
        var (_, error) = RoleNames.Parse(text);

        Assert.StartsWith(expected, error);
        Assert.Contains("ingest, send, record, crm, web, or all", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_role_has_a_name() =>
        Assert.Equal(ServerRoles.All, RoleNames.Parse(string.Join(',', RoleNames.Of(ServerRoles.All))).Roles);
}
