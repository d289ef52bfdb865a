package dev.sente.javadoc;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every type, method and field of the public API has a sentence, and so has a record's component.
 */
final class UndocumentedTest {

  @Test
  void thePublicApiIsDocumented() throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      var task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(Sources.all()));
      var scanner = new Scanner(DocTrees.instance(task));
      for (var unit : task.parse()) {
        scanner.scan(unit, null);
      }
      assertThat(scanner.undocumented).as("without a comment").isEmpty();
    }
  }

  private static final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
    final List<String> undocumented = new ArrayList<>();
    private final DocTrees docs;

    Scanner(DocTrees docs) {
      this.docs = docs;
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
      if (isPublic(type.getModifiers(), enclosing())) {
        var comment = comment();
        if (comment == null) {
          missing(type.getSimpleName().toString());
        }
        if (type.getKind() == Tree.Kind.RECORD && !isOneOfAFamily(enclosing())) {
          checkComponents(type, comment);
        }
        super.visitClass(type, null);
      }
      return null;
    }

    private void checkComponents(ClassTree type, @Nullable DocCommentTree comment) {
      var told = paramsOf(comment);
      for (var member : type.getMembers()) {
        if (member instanceof VariableTree field
            && !field.getModifiers().getFlags().contains(Modifier.STATIC)
            && !told.contains(field.getName().toString())) {
          missing(type.getSimpleName() + " @param " + field.getName());
        }
      }
    }

    /** The cases of a sealed interface are told of by their names and their sentence. */
    private static boolean isOneOfAFamily(@Nullable ClassTree enclosing) {
      return enclosing != null && enclosing.getModifiers().getFlags().contains(Modifier.SEALED);
    }

    private static Set<String> paramsOf(@Nullable DocCommentTree comment) {
      var names = new HashSet<String>();
      if (comment != null) {
        for (DocTree tag : comment.getBlockTags()) {
          if (tag instanceof ParamTree param) {
            names.add(param.getName().toString());
          }
        }
      }
      return names;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
      if (isPublic(method.getModifiers(), enclosing())
          && !isOverride(method)
          && !isRecordsConstructor(method)
          && !isNamedByRule(method)
          && comment() == null) {
        missing(method.getName().toString());
      }
      return null;
    }

    @Override
    public @Nullable Void visitVariable(VariableTree field, @Nullable Void nothing) {
      var type = enclosing();
      boolean isComponent =
          type != null
              && type.getKind() == Tree.Kind.RECORD
              && !field.getModifiers().getFlags().contains(Modifier.STATIC);
      if (!isComponent && isPublic(field.getModifiers(), type) && comment() == null) {
        missing(field.getName().toString());
      }
      return null;
    }

    private static boolean isOverride(MethodTree method) {
      return method.getModifiers().getAnnotations().stream()
          .anyMatch(annotation -> annotation.getAnnotationType().toString().equals("Override"));
    }

    /** A kit's test, whose name is a sentence after the number of a rule. */
    private static boolean isNamedByRule(MethodTree method) {
      return method.getName().toString().matches("[a-z]\\d+_.*");
    }

    /** What it takes is told of the record. */
    private boolean isRecordsConstructor(MethodTree method) {
      var type = enclosing();
      return type != null
          && type.getKind() == Tree.Kind.RECORD
          && method.getName().contentEquals("<init>");
    }

    private static boolean isPublic(ModifiersTree modifiers, @Nullable ClassTree type) {
      var flags = modifiers.getFlags();
      boolean isInInterface =
          type != null
              && type.getKind() == Tree.Kind.INTERFACE
              && !flags.contains(Modifier.PRIVATE);
      return isInInterface || flags.contains(Modifier.PUBLIC) || flags.contains(Modifier.PROTECTED);
    }

    /** The type in which the present tree is; null for none. */
    private @Nullable ClassTree enclosing() {
      var parent = getCurrentPath().getParentPath();
      return parent != null && parent.getLeaf() instanceof ClassTree type ? type : null;
    }

    private @Nullable DocCommentTree comment() {
      return docs.getDocCommentTree(getCurrentPath());
    }

    private void missing(String name) {
      var file = Path.of(getCurrentPath().getCompilationUnit().getSourceFile().toUri());
      undocumented.add(file.getFileName() + ": " + name);
    }
  }
}
