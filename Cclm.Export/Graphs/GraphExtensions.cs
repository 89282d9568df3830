using Onnx;

namespace Cclm.Export;

/// <summary>What a graph's messages say of names, which the standard spreads over several fields.</summary>
static class GraphExtensions
{
    extension(GraphProto graph)
    {
        /// <summary>Every name that the graph itself gives a value: inputs, weights, outputs of nodes.</summary>
        public IEnumerable<string> Defines() => graph.Input.Select(input => input.Name)
            .Concat(graph.Initializer.Select(tensor => tensor.Name))
            .Concat(graph.SparseInitializer.Select(tensor => tensor.Values.Name))
            .Concat(graph.Node.SelectMany(node => node.Output));

        /// <summary>Whether an input has a value of its own where nothing feeds it.</summary>
        public bool Defaults(string input) => graph.Initializer.Any(tensor => tensor.Name == input) || graph.SparseInitializer.Any(tensor => tensor.Values.Name == input);

        /// <summary>Every tensor that is stored in the graph.</summary>
        public IEnumerable<TensorProto> Tensors() => graph.Initializer.Concat(graph.SparseInitializer.SelectMany(sparse => (TensorProto[])[sparse.Values, sparse.Indices])).Concat(graph.Node.SelectMany(node => node.Tensors()));

        /// <summary>Every name that the graph reads from the graph around it.</summary>
        public IEnumerable<string> Captures() => graph.Node.SelectMany(node => node.Reads())
            .Concat(graph.Output.Select(output => output.Name))
            .Except(graph.Defines());
    }

    extension<T>(IList<T> list)
    {
        /// <summary>Removes what is not kept.</summary>
        public void Keep(Func<T, bool> kept)
        {
            for (var i = list.Count - 1; i >= 0; i--)
            {
                if (!kept(list[i]))
                {
                    list.RemoveAt(i);
                }
            }
        }
    }

    extension(ModelProto model)
    {
        /// <summary>Every tensor that is stored in the model: weights and constants, of nested graphs and functions too.</summary>
        public IEnumerable<TensorProto> Tensors() => model.Graph.Tensors().Concat(model.Functions.SelectMany(function => function.Node).SelectMany(node => node.Tensors()));
    }

    extension(NodeProto node)
    {
        /// <summary>Every tensor of the node's attributes, of the graphs that it carries too.</summary>
        public IEnumerable<TensorProto> Tensors() => node.Attribute.SelectMany(attribute => attribute.T is { } tensor ? attribute.Tensors.Prepend(tensor) : attribute.Tensors)
            .Concat(node.Attribute.SelectMany(attribute => attribute.SparseTensor is { } sparse ? attribute.SparseTensors.Prepend(sparse) : attribute.SparseTensors).SelectMany(sparse => (TensorProto[])[sparse.Values, sparse.Indices]))
            .Concat(node.NestedGraphs().SelectMany(nested => nested.Tensors()));

        /// <summary>The graphs that the node carries: bodies and branches.</summary>
        public IEnumerable<GraphProto> NestedGraphs() => node.Attribute.SelectMany(attribute =>
            attribute.G is { } graph ? attribute.Graphs.Prepend(graph) : attribute.Graphs);

        /// <summary>The node and every node of the graphs it carries.</summary>
        public IEnumerable<NodeProto> AndNested() => node.NestedGraphs().SelectMany(nested => nested.Node).SelectMany(inner => inner.AndNested()).Prepend(node);

        /// <summary>An attribute that is an integer, or its default.</summary>
        public long Number(string name, long without = 0) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.I ?? without;

        /// <summary>An attribute that is integers; none where it is not there.</summary>
        public IReadOnlyList<long> Numbers(string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.Ints ?? [];

        /// <summary>Every name that the node reads, through the graphs it carries too.</summary>
        public IEnumerable<string> Reads() => node.Input.Concat(node.NestedGraphs().SelectMany(nested => nested.Captures()));
    }
}
