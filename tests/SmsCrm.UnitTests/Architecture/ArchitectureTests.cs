namespace SmsCrm.UnitTests.Architecture;

/// <summary>The rules of the design about code, and for each one code that breaks it and must be reported.</summary>
public sealed class ArchitectureTests
{
    private const string ViolationsNamespace = "Violations";

    private static readonly IReadOnlyList<CodeRule> Rules = [.. LayerRules.All, .. NameRules.All];

    private static readonly Lazy<IReadOnlyList<CompiledType>> Product = new(() =>
        [.. ProductAssemblies().SelectMany(CompiledType.ReadAll)]);

    private static readonly Lazy<IReadOnlyList<CompiledType>> Violations = new(() =>
        [.. CompiledType.ReadAll(typeof(ArchitectureTests).Assembly.Location)
            .Where(type => type.Namespace.EndsWith("." + ViolationsNamespace, StringComparison.Ordinal))]);

    public static TheoryData<string> RuleIds => [.. Rules.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void The_product_keeps_the_rule(string id)
    {
        var rule = Rule(id);

        var complaints = rule.Check(Product.Value).ToList();

        Assert.True(complaints.Count == 0, $"{rule.Sentence}, but:\n{string.Join('\n', complaints)}");
    }

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void A_violation_of_the_rule_is_reported(string id)
    {
        var violations = Violations.Value.Where(type => type.Name.StartsWith(id + "_", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.NotEmpty(Rule(id).Check([violation])));
    }

    [Fact]
    public void Every_project_of_the_product_is_looked_at()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(TestKit.Checkout.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file));

        Assert.Equal(projects.Order(), ProductAssemblies().Select(ProjectOf).Order());
    }

    private static CodeRule Rule(string id) => Rules.Single(rule => rule.Id == id);

    private static IEnumerable<string> ProductAssemblies() =>
        Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file => Path.GetFileNameWithoutExtension(file) is var name
                && (name == "smscrm" || name.StartsWith("SmsCrm.", StringComparison.Ordinal))
                && !name.EndsWith("Tests", StringComparison.Ordinal) && name != "SmsCrm.TestKit");

    private static string ProjectOf(string assembly) =>
        Path.GetFileNameWithoutExtension(assembly) is var name && name == "smscrm" ? "SmsCrm.Server" : name;
}
