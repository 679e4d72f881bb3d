using Mono.Cecil;
using Mono.Cecil.Cil;

namespace SmsCrm.UnitTests.Architecture;

/// <summary>A type that another one mentions: in a signature, an attribute or the body of a method.</summary>
internal sealed record Mention(string Namespace, string FullName, string Assembly);

/// <summary>A compiled type together with what is nested in it (closures and state machines too), and everything that these mention.</summary>
internal sealed class CompiledType(TypeDefinition definition)
{
    public TypeDefinition Definition { get; } = definition;

    public string Name => Definition.Name.Split('`')[0];

    public string Namespace => Definition.Namespace;

    public string FullName => Definition.FullName;

    public string Assembly => Definition.Module.Assembly.Name.Name;

    public IReadOnlySet<Mention> Mentions { get; } = MentionReader.Read(definition);

    /// <summary>Whether a compiler or generator wrote it.</summary>
    public bool IsGenerated =>
        Name.StartsWith('<')
        || Namespace.Length == 0
        || Namespace.StartsWith("System.", StringComparison.Ordinal)
        || Namespace.StartsWith("Microsoft.", StringComparison.Ordinal)
        || Definition.CustomAttributes.Any(a => a.AttributeType.Name is "CompilerGeneratedAttribute" or "GeneratedCodeAttribute" or "EmbeddedAttribute");

    /// <summary>The top-level types of an assembly that people wrote.</summary>
    public static IReadOnlyList<CompiledType> ReadAll(string assemblyFile) =>
        [.. ModuleDefinition.ReadModule(assemblyFile).Types.Select(type => new CompiledType(type)).Where(type => !type.IsGenerated)];

    public bool IsIn(string space) => Namespace == space || Namespace.StartsWith(space + ".", StringComparison.Ordinal);

    /// <summary>Base types and interfaces, as far up as they can be followed.</summary>
    public IEnumerable<string> Ancestors()
    {
        for (var type = Definition; type is not null; type = Resolve(type.BaseType))
        {
            foreach (var name in type.Interfaces.Select(i => i.InterfaceType.FullName).Append(type.BaseType?.FullName ?? ""))
            {
                yield return name.Split('<')[0];
            }
        }
    }

    private static TypeDefinition? Resolve(TypeReference? reference)
    {
        try
        {
            return reference?.Resolve();
        }
        catch (AssemblyResolutionException)
        {
            // A type of the shared framework: its own name was seen, what is above it does not matter.
            return null;
        }
    }
}

internal static class MentionReader
{
    public static IReadOnlySet<Mention> Read(TypeDefinition type)
    {
        var found = new HashSet<Mention>();
        Visit(type, found);
        return found;
    }

    private static void Visit(TypeDefinition type, HashSet<Mention> found)
    {
        Add(type.BaseType, found);
        AddAll(type.Interfaces.Select(i => i.InterfaceType), found);
        AddAttributes(type, found);
        AddConstraints(type, found);
        foreach (var field in type.Fields)
        {
            Add(field.FieldType, found);
            AddAttributes(field, found);
        }

        foreach (var property in type.Properties)
        {
            Add(property.PropertyType, found);
            AddAttributes(property, found);
        }

        foreach (var method in type.Methods)
        {
            VisitMethod(method, found);
        }

        foreach (var nested in type.NestedTypes)
        {
            Visit(nested, found);
        }
    }

    private static void VisitMethod(MethodDefinition method, HashSet<Mention> found)
    {
        AddSignature(method, found);
        AddAttributes(method, found);
        AddConstraints(method, found);
        if (!method.HasBody)
        {
            return;
        }

        AddAll(method.Body.Variables.Select(variable => variable.VariableType), found);
        AddAll(method.Body.ExceptionHandlers.Select(handler => handler.CatchType), found);
        foreach (var instruction in method.Body.Instructions)
        {
            VisitOperand(instruction, found);
        }
    }

    private static void VisitOperand(Instruction instruction, HashSet<Mention> found)
    {
        switch (instruction.Operand)
        {
            case TypeReference type:
                Add(type, found);
                break;
            case MethodReference method:
                Add(method.DeclaringType, found);
                AddSignature(method, found);
                break;
            case FieldReference field:
                Add(field.DeclaringType, found);
                Add(field.FieldType, found);
                break;
        }
    }

    private static void AddSignature(MethodReference method, HashSet<Mention> found)
    {
        Add(method.ReturnType, found);
        AddAll(method.Parameters.Select(parameter => parameter.ParameterType), found);
        if (method is GenericInstanceMethod generic)
        {
            AddAll(generic.GenericArguments, found);
        }
    }

    private static void AddAttributes(ICustomAttributeProvider provider, HashSet<Mention> found) =>
        AddAll(provider.CustomAttributes.Select(attribute => attribute.AttributeType), found);

    private static void AddConstraints(IGenericParameterProvider provider, HashSet<Mention> found) =>
        AddAll(provider.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(constraint => constraint.ConstraintType), found);

    private static void AddAll(IEnumerable<TypeReference?> types, HashSet<Mention> found)
    {
        foreach (var type in types)
        {
            Add(type, found);
        }
    }

    private static void Add(TypeReference? type, HashSet<Mention> found)
    {
        switch (type)
        {
            case null or GenericParameter:
                return;
            case GenericInstanceType generic:
                AddAll(generic.GenericArguments, found);
                Add(generic.ElementType, found);
                return;
            case TypeSpecification wrapped:
                Add(wrapped.ElementType, found);
                return;
        }

        var top = type;
        while (top.DeclaringType is not null)
        {
            top = top.DeclaringType;
        }

        found.Add(new Mention(top.Namespace, top.FullName, top.Scope.Name));
    }
}
